import { afterEach, beforeEach, expect, test } from "vitest";
import { plugins } from "../../../src/cli/plugins.ts";
import { schema } from "../../../src/cli/schema.ts";
import { validate } from "../../../src/cli/validate.ts";
import { ConfigFolder } from "../core/config/fixture.ts";

let folder: ConfigFolder;
let printed: string[];
beforeEach(() => {
  folder = new ConfigFolder();
  printed = [];
});
afterEach(() => folder[Symbol.dispose]());

const options = () => ({
  format: "pretty" as const,
  color: false,
  loader: folder.loader,
  env: {},
  print: (text: string) => printed.push(text),
});

test("validate says that a file is valid", async () => {
  const file = folder.write("monitors.yaml", "sources: { everything: }\nsinks: { web: , console: }\n");
  expect(await validate(file, options())).toBe(0);
  expect(printed).toEqual([expect.stringMatching(/monitors\.yaml is valid: 1 source, 2 sinks \(\d+ ms\)$/)]);
});

test("validate prints every problem with its line, and exits 78", async () => {
  const file = folder.write("monitors.yaml", "sources:\n  everything: { nummber: 1 }\nlimits: { a: 1 }\n");
  expect(await validate(file, options())).toBe(78);
  const text = printed.join("\n");
  expect(text).toContain(
    'monitors.yaml:2:17 CFG012 unknown key "nummber" in sources.everything\n    everything: { nummber: 1 }\n                  ^^^^^^^\n  did you mean "number"?',
  );
  expect(text).toContain("monitors.yaml:3:11 CFG012");
  expect(text).toMatch(/2 problems \(\d+ ms\)$/);
});

test("validate prints JSON for programs", async () => {
  const file = folder.write("monitors.yaml", "sources:\n  everything: { nummber: 1 }\n");
  expect(await validate(file, { ...options(), format: "json" })).toBe(78);
  expect(JSON.parse(printed.join("\n"))).toEqual([
    {
      file: expect.stringContaining("monitors.yaml"),
      severity: "error",
      line: 2,
      column: 17,
      code: "CFG012",
      message: 'unknown key "nummber" in sources.everything',
      suggestion: "number",
    },
  ]);
  printed = [];
  folder.write("monitors.yaml", "sinks: { web: }\n");
  expect(await validate(file, { ...options(), format: "json" })).toBe(0);
  expect(JSON.parse(printed.join("\n"))).toEqual([]);
});

test("validate checks the role that is asked for", async () => {
  const file = folder.write("monitors.yaml", "sinks: { web: }\n");
  expect(await validate(file, { ...options(), role: "nope" })).toBe(78);
  expect(printed[0]).toContain("CFG019");
});

test("schema prints a JSON Schema", async () => {
  expect(await schema(options())).toBe(0);
  expect(JSON.parse(printed.join("\n"))).toMatchObject({
    $schema: "http://json-schema.org/draft-07/schema#",
  });
});

test("plugins lists the built-ins and those of a file", async () => {
  folder.write(
    "mine.ts",
    'import { defineSource, z } from "lifeguard/plugin";\nexport default defineSource({ name: "m", summary: "My own", config: z.object({}), events: [], start() {} });',
  );
  const file = folder.write(
    "monitors.yaml",
    "sources: { a: { type: ./mine.ts }, b: { type: ./mine.ts }, c: { type: ./gone.ts } }\n",
  );
  expect(await plugins({ ...options(), file })).toBe(0);
  expect(printed).toContain("source  ./mine.ts   My own");
  expect(printed).toContain("sink    web         web");
  expect(printed).toHaveLength(10);
  printed = [];
  await plugins({ ...options(), file, format: "json" });
  expect(JSON.parse(printed.join("\n"))).toContainEqual({
    kind: "source",
    type: "./mine.ts",
    summary: "My own",
  });
});

test("validate warns of a file that is not there, with its line, and finds it valid all the same", async () => {
  folder.write("users", "");
  const file = folder.write(
    "monitors.yaml",
    "sources:\n  here: { type: everything, file: ./users, path: ./later }\n  glob: { type: everything, file: ./*.pem }\n  gone: { type: everything, file: ./user }\n",
  );
  expect(await validate(file, options())).toBe(0);
  expect(printed.join("\n")).toMatch(
    /^\S*monitors\.yaml:4:35 CFG027 warning: sources\.gone: there is no \S+\/user\n {4}gone: .*\n {36}\^{6}\n\S+ is valid: 3 sources, 0 sinks, 1 warning \(/,
  );
  printed = [];
  expect(await validate(file, { ...options(), format: "json" })).toBe(0);
  expect(JSON.parse(printed.join("\n"))).toMatchObject([
    { severity: "warning", line: 4, column: 35, code: "CFG027" },
  ]);
  // What is wrong hides nothing of it.
  printed = [];
  folder.write(
    "monitors.yaml",
    "sources: { gone: { type: everything, file: ./user }, one: { type: everything, fil: x } }\n",
  );
  expect(await validate(file, options())).toBe(78);
  expect(printed.join("\n")).toMatch(
    /CFG012 unknown key "fil"[\s\S]*CFG027 warning: [\s\S]*\n1 problem, 1 warning \(/,
  );
});

test.each([
  [
    "collector",
    "sinks: { web: }\nsources: { everything: }\n",
    1,
    "the role collector runs none of the sinks: nobody is told anything",
  ],
  [
    "server",
    "sinks: { web: }\nsources: { everything: }\n",
    2,
    "the role server runs none of the sources: nothing is watched",
  ],
  [undefined, "title: Nothing\n", 1, "there is neither a source nor a sink: nothing is done"],
])("validate warns where the role %s does nothing", async (role, text, line, warning) => {
  const file = folder.write("monitors.yaml", text);
  expect(await validate(file, { ...options(), role, format: "json" })).toBe(0);
  expect(JSON.parse(printed.join("\n"))).toMatchObject([{ line, code: "CFG028", message: warning }]);
});
