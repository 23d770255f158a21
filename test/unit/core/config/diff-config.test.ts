import { afterEach, beforeEach, expect, test } from "vitest";
import { diffConfig } from "../../../../src/core/config/diff-config.ts";
import { ConfigFolder, ref } from "./fixture.ts";

let folder: ConfigFolder;
beforeEach(() => {
  folder = new ConfigFolder();
});
afterEach(() => folder[Symbol.dispose]());

const source = (summary: string) =>
  `import { defineSource, z } from "lifeguard/plugin";\nexport default defineSource({ name: "m", summary: "${summary}", config: z.object({}), events: [], start() {} });`;

test("a start is a reload from nothing", async () => {
  const config = await folder.valid("sources: { everything: }\nsinks: { web: }\n");
  expect(diffConfig(undefined, config)).toEqual({
    sources: { stop: [], start: ["everything"], keep: [] },
    sinks: { stop: [], start: ["web"], keep: [] },
    restart: [],
  });
});

test("only what changed stops and starts", async () => {
  folder.write("mine.ts", source("one"));
  const before = await folder.valid(
    "sources:\n  a: { type: everything }\n  b: { type: everything, number: 1 }\n  mine: { type: ./mine.ts }\nsinks:\n  web:\n  console: { from: { on: change } }\n",
  );
  folder.write("mine.ts", source("two"));
  const after = await folder.valid(
    "# a comment\nsinks:\n  console: { from: { on: all } }\n  web:\nsources:\n  mine: { type: ./mine.ts }\n  c: { type: everything }\n  b: { number: 1, type: everything }\n",
  );
  expect(diffConfig(before, after)).toEqual({
    sources: { stop: ["a", "mine"], start: ["mine", "c"], keep: ["b"] },
    sinks: { stop: ["console"], start: ["console"], keep: ["web"] },
    restart: [],
  });
});

test.each([
  ["type: everything, number: 1", "type: everything, number: 2"],
  ["type: everything", "type: everything, labels: { a: b }"],
  ["type: everything", "type: everything, group: g"],
  ["type: everything", "type: nsm"],
  [`type: everything, text: "${ref("env:A:-1")}"`, `type: everything, text: "${ref("env:A:-2")}"`],
])("a source { %s } that becomes { %s } changes", async (one, two) => {
  const before = await folder.valid(`sources:\n  a: { ${one} }\n`);
  const after = await folder.valid(`sources:\n  a: { ${two} }\n`);
  expect(diffConfig(before, after).sources).toEqual({ stop: ["a"], start: ["a"], keep: [] });
});

test("a new title reaches the sinks", async () => {
  const before = await folder.valid("title: a\nsources: { everything: }\nsinks: { web: }\n");
  const after = await folder.valid("title: b\nsources: { everything: }\nsinks: { web: }\n");
  const { sources, sinks } = diffConfig(before, after);
  expect([sources.keep, sinks.start]).toEqual([["everything"], ["web"]]);
});

test("what only a new process can apply is named", async () => {
  const before = await folder.valid("sinks: { web: }\n");
  const after = await folder.valid("data: ./x\njournal: memory\nlimits: { recent: 5 }\nsinks: { web: }\n");
  expect(diffConfig(before, after).restart).toEqual(["data", "journal", "limits"]);
  // Changed back to what the process was started with: nothing waits any more.
  expect(diffConfig(after, before, before).restart).toEqual([]);
});
