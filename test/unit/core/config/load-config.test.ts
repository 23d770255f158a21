import { join, relative } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadConfig } from "../../../../src/core/config/load-config.ts";
import { threadCpu } from "../../../support/thread-cpu.ts";
import { ConfigFolder, ref } from "./fixture.ts";

let folder: ConfigFolder;
beforeEach(() => {
  folder = new ConfigFolder();
});
afterEach(() => folder[Symbol.dispose]());

const everything = (config: { sources: ReadonlyMap<string, { config: unknown }> }) =>
  config.sources.get("everything")?.config;

test("the smallest configuration has all defaults", async () => {
  const config = await folder.valid("sinks:\n  web:\n");
  expect(config).toMatchObject({
    file: folder.file,
    title: undefined,
    dataDirectory: join(folder.path, "data"),
    role: "standalone",
    journal: {
      memory: false,
      sync: "full",
      maxAge: 7 * 86_400_000,
      maxBytes: 2 ** 30,
      maxUnreadBytes: 4 * 2 ** 30,
    },
    limits: {
      intakeQueue: 10_000,
      intakeBytes: 64 * 2 ** 20,
      subjects: 100_000,
      eventBytes: 256 * 1024,
      deadLetters: 10_000,
      recent: 10_000,
    },
    shutdownTimeout: 20_000,
  });
  expect(config.sinks.get("web")).toMatchObject({
    name: "web",
    type: "web",
    config: { listen: "127.0.0.1:8080" },
    from: { on: "all" },
    mode: "live",
    delivery: {
      batch: { maxEvents: 1000, maxBytes: 2 ** 20, maxWait: 200 },
      retry: { initial: 500, max: 30_000, maxAttempts: Number.POSITIVE_INFINITY },
      timeout: 30_000,
    },
    position: { file: folder.file, line: 2, column: 3 },
  });
});

test("everything can be said", async () => {
  const config = await folder.valid(`
title: My platform
data: ./state
journal: { sync: normal, max_age: 1d, max_bytes: 10MB, max_unread_bytes: 20MB }
limits: { subjects: 5, recent: 7 }
shutdown_timeout: 5s
sources:
  mine: { type: everything, labels: { team: edge }, group: Edge, number: 3, duration: 1m30s, size: 2KiB, path: ./p }
sinks:
  alarms:
    type: console
    from: { on: change, types: "promise.*", sources: [mine], status: critical, labels: { team: [edge, core] } }
    delivery: durable
    batch: { max_events: 5, max_wait: 0ms }
    retry: { initial: 1s, max: 2s, max_attempts: 3 }
    timeout: 7s
`);
  expect(config).toMatchObject({
    title: "My platform",
    dataDirectory: join(folder.path, "state"),
    journal: { sync: "normal", maxAge: 86_400_000, maxBytes: 10e6, maxUnreadBytes: 20e6 },
    limits: { subjects: 5, recent: 7, deadLetters: 10_000 },
    shutdownTimeout: 5000,
  });
  expect(config.sources.get("mine")).toMatchObject({
    type: "everything",
    labels: { team: "edge" },
    group: "Edge",
    config: { number: 3, duration: 90_000, size: 2048, path: join(folder.path, "p") },
  });
  expect(config.sinks.get("alarms")).toMatchObject({
    from: {
      on: "change",
      types: ["promise.*"],
      sources: ["mine"],
      status: ["critical"],
      labels: { team: ["edge", "core"] },
    },
    mode: "durable",
    delivery: {
      batch: { maxEvents: 5, maxWait: 0 },
      retry: { initial: 1000, max: 2000, maxAttempts: 3 },
      timeout: 7000,
    },
  });
});

test("how much a sink is given at once is what its plugin says, unless its user does", async () => {
  const { sinks } = await folder.valid(
    "sinks: { mine: { type: greedy }, yours: { type: greedy, batch: { max_events: 5 } } }\n",
  );
  expect(sinks.get("mine")?.delivery.batch).toMatchObject({ maxEvents: 3000, maxBytes: 2 ** 22 });
  expect(sinks.get("yours")?.delivery.batch).toMatchObject({ maxEvents: 5, maxBytes: 2 ** 22 });
});

test("which types a sink gets is what its plugin says, unless its user does", async () => {
  const { sinks } = await folder.valid(
    "sinks: { mine: { type: greedy, from: { sources: [a*] } }, yours: { type: greedy, from: { types: [b.*] } } }\n",
  );
  expect(sinks.get("mine")?.from).toMatchObject({ sources: ["a*"], types: ["*", "subject.retired"] });
  expect(sinks.get("yours")?.from).toMatchObject({ types: ["b.*"] });
});

test("a plugin's schema is strict at every depth, except where it says otherwise", async () => {
  const config = await folder.valid(`
sources:
  everything:
    loose: { a: 1, b: 2 }
    both: { a: 1, b: 2 }
    side: { key: k, more: m }
    kind: { type: tcp, port: 1 }
    tree: { name: a, children: [{ name: b, children: [{ name: c }] }] }
    map: { ab: { a: 1 } }
    list: [{ host: h }]
    pair: [a, 1]
    coerced: "12"
`);
  expect(everything(config)).toEqual({
    loose: { a: 1, b: 2 },
    both: { a: 1, b: 2 },
    side: { key: "k", more: "m" },
    kind: { type: "tcp", port: 1 },
    tree: { name: "a", children: [{ name: "b", children: [{ name: "c" }] }] },
    map: { ab: { a: 1 } },
    list: [{ host: "h", port: 80 }],
    pair: ["a", 1],
    coerced: 12,
  });
});

test("anchors, aliases and merge keys mean what YAML says", async () => {
  const config = await folder.valid(`
x-base: &base { number: 1, text: base }
x-more: &more { text: more, flag: true }
sources:
  a: { <<: *base, type: everything, number: 2 }
  b: { <<: [*base, *more], type: everything }
  c: { type: everything, loose: &l { a: 1 } }
  d: { type: everything, loose: *l }
`);
  const of = (name: string) => config.sources.get(name)?.config;
  expect(of("a")).toEqual({ number: 2, text: "base" });
  expect(of("b")).toEqual({ number: 1, text: "base", flag: true });
  expect(of("d")).toEqual({ loose: { a: 1 } });
});

test("what is disabled is left out, but validated", async () => {
  const config = await folder.valid(
    "sources:\n  promises: { enabled: false, directory: . }\nsinks:\n  web: { enabled: false }\n",
  );
  expect([...config.sources, ...config.sinks]).toEqual([]);
  expect([...config.declared.sources, ...config.declared.sinks]).toEqual(["promises", "web"]);
  expect(await folder.told("sources:\n  promises: { enabled: false }\n")).toHaveLength(1);
});

test("the data directory can be said outside, and a relative file is that of the working directory", async () => {
  const config = await folder.valid("data: ./inside\nsinks: { web: }\n", { dataDirectory: "/outside" });
  expect(config.dataDirectory).toBe("/outside");
  const file = relative(process.cwd(), folder.file);
  const result = await loadConfig({ file, env: {}, loader: folder.loader });
  expect(result).toMatchObject({ ok: true, config: { file: folder.file } });
});

test("a journal in memory", async () => {
  expect((await folder.valid("journal: memory\nsinks: { web: }\n")).journal.memory).toBe(true);
});

test("labels and names that look like numbers are words", async () => {
  const config = await folder.valid("sources:\n  8080: { type: everything, labels: { 1: one } }\n");
  expect(config.sources.get("8080")?.labels).toEqual({ 1: "one" });
});

test("everything whose change matters is watched, also while it is wrong", async () => {
  folder.write("token", "x");
  folder.write("mine.ts", 'import "./near.ts";\nthrow new Error("x");');
  folder.write("near.ts", "export {};");
  folder.write("conf.d/a.yaml", "sinks: { web: }\n");
  const result = await folder.load(
    `include: conf.d/*.yaml\ntitle: "${ref("file:token")}"\nsources:\n  a: { type: ./mine.ts }\n  b: { type: ./gone.ts }\n`,
  );
  expect(result.ok).toBe(false);
  const watched = result.ok ? [] : result.watched.map((path) => relative(folder.path, path));
  expect(watched.sort()).toEqual(
    ["conf.d", "conf.d/a.yaml", "gone.ts", "mine.ts", "monitors.yaml", "near.ts", "token"].sort(),
  );
});

test("the hash says whether anything changed", async () => {
  folder.write("token", "one");
  const text = `title: "${ref("file:token")}"\nsources:\n  everything: { text: "${ref("env:A:-")}" }\n`;
  const first = await folder.valid(text);
  expect((await folder.valid(text)).hash).toBe(first.hash);
  folder.write("token", "two");
  const second = await folder.valid(text);
  expect(second.hash).not.toBe(first.hash);
  folder.env.A = "x";
  const third = await folder.valid(text);
  expect(third.hash).not.toBe(second.hash);
  expect((await folder.valid(text, { dataDirectory: "/d" })).hash).not.toBe(third.hash);
});

test("a thousand monitors validate in less than a second of processor time", async () => {
  const sources = Array.from(
    { length: 1000 },
    (_, index) =>
      `  s${index}:\n    type: everything\n    duration: 30s\n    labels: { team: a }\n    list: [{ host: a, port: ${index} }, { host: b }]\n    loose: { a: 1 }\n`,
  );
  const text = `sources:\n${sources.join("")}`;
  await folder.valid(text);
  let config: Awaited<ReturnType<typeof folder.valid>> | undefined;
  const cost = await threadCpu(async () => {
    config = await folder.valid(text);
  });
  expect(config?.sources.size).toBe(1000);
  expect(cost).toBeLessThan(1000);
});
