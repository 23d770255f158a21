import { createRequire } from "node:module";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { configSchema } from "../../../../src/core/config/config-schema.ts";
import { formatProblems } from "../../../../src/core/config/print-problems.ts";
import { PROBLEM_CODES } from "../../../../src/core/config/problem-codes.ts";
import { fc } from "../../../support/property.ts";
import { ConfigFolder, ref } from "./fixture.ts";

// The validator is a dependency of our web server; it does not export types that fit ES modules.
const { default: Ajv } = createRequire(import.meta.url)("ajv") as {
  default: new (options: object) => { compile(schema: object): Accepts };
};
type Accepts = ((data: unknown) => boolean) & { errors: unknown };

let folder: ConfigFolder;
let accepts: Accepts;
beforeAll(async () => {
  folder = new ConfigFolder();
  folder.env = { SECRET: "hunter2hunter2", N: "5" };
  accepts = new Ajv({ strict: false }).compile(await configSchema({ loader: folder.loader, env: {} }));
});
afterAll(() => folder[Symbol.dispose]());

/** Loads whatever it is; all that may come of it is a configuration that the JSON Schema accepts too, or problems that have a place. */
async function survives(text: string | Uint8Array): Promise<void> {
  const result = await folder.load(text);
  if (result.ok) {
    const value = parse(String(text), { merge: true });
    expect(accepts(value), `${text}\n${JSON.stringify(accepts.errors)}`).toBe(true);
    return;
  }
  expect(result.problems.length).toBeGreaterThan(0);
  for (const { file, line, column, code, length, message } of result.problems) {
    expect(PROBLEM_CODES).toHaveProperty(code);
    expect(message).not.toBe("");
    expect(length).toBeGreaterThan(0);
    const lines = (result.texts.get(file) ?? "").split("\n");
    expect(line).toBeLessThanOrEqual(Math.max(lines.length, 1));
    expect(column).toBeLessThanOrEqual((lines[line - 1] ?? "").length + 1);
    expect(Math.min(line, column)).toBeGreaterThan(0);
  }
  expect(formatProblems(result.problems, result.texts, { color: false })).not.toContain("hunter2");
}

const word = fc.constantFrom(
  ...[
    "sources",
    "sinks",
    "roles",
    "include",
    "title",
    "limits",
    "journal",
    "everything",
    "web",
    "type",
    "from",
    "on",
  ],
  ...[
    "number",
    "text",
    "list",
    "tree",
    "kind",
    "both",
    "side",
    "map",
    "labels",
    "enabled",
    "a",
    "<<",
    "__proto__",
    "x-a",
    "",
  ],
);
const reference = fc.constantFrom(
  ...["env:SECRET", "env:N", "env:GONE", "file:gone", "x"].map(ref),
  `a${ref("env:SECRET")}b`,
  `$${ref("x")}`,
  "${",
);
const leaf = fc.oneof(
  word,
  reference,
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.string(),
);
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    leaf,
    fc.array(tie("tree"), { maxLength: 4 }),
    fc.dictionary(word, tie("tree"), { maxKeys: 5 }),
  ),
}));
const document = fc.dictionary(word, fc.dictionary(word, tree, { maxKeys: 4 }), { maxKeys: 5 });

test("any structure of known words loads or is told", async () => {
  await fc.assert(
    fc.asyncProperty(document, (value) => survives(stringify(value))),
    { numRuns: 120 },
  );
});

test("any structure in flow style loads or is told", async () => {
  await fc.assert(
    fc.asyncProperty(document, (value) => survives(JSON.stringify(value).replaceAll('"', ""))),
    { numRuns: 120 },
  );
});

test("any valid file with a few characters changed loads or is told", async () => {
  const file = `title: t
x-base: &base { number: 1, labels: { a: b } }
sources:
  everything: { <<: *base, list: [{ host: "\${env:N}" }], side: { cert: x }, tree: { name: a, children: [{ name: b }] } }
  promises:
    directory: ./p
    interval: 5m
sinks:
  web: { from: { on: change, sources: [promises] } }
roles: { r: { sources: [], sinks: web } }
`;
  const edit = fc.record({
    at: fc.nat(file.length),
    remove: fc.nat(6),
    insert: fc.oneof(
      fc.constantFrom(
        "{",
        "}",
        "[",
        "]",
        ":",
        ": ",
        "&a ",
        "*base",
        "<<",
        "\t",
        "\n",
        "'",
        '"',
        "- ",
        "? ",
        "!x ",
        ref("env:SECRET"),
        "#",
        "|\n",
        "---\n",
        "\0",
        "\r",
      ),
      fc.string({ maxLength: 3 }),
    ),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) =>
      survives(
        edits.reduce(
          (text, { at, remove, insert }) => text.slice(0, at) + insert + text.slice(at + remove),
          file,
        ),
      ),
    ),
    { numRuns: 200 },
  );
});

test("any bytes load or are told", async () => {
  await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), survives), { numRuns: 80 });
  await fc.assert(fc.asyncProperty(fc.string({ unit: "binary", maxLength: 100 }), survives), {
    numRuns: 80,
  });
});

const text = fc.constantFrom("a", "0123", "a b", ref("env:N"), `x-${ref("env:SECRET")}`);
const number = fc.oneof(fc.integer({ min: 3, max: 8 }), fc.constant(ref("env:N")));
const length = fc.constantFrom("5s", "1m30s", `${ref("env:N")}s`);
const everything = fc.record(
  {
    enabled: fc.constantFrom(true, false, ref("env:F:-true")),
    labels: fc.dictionary(fc.constantFrom("a", "b"), text),
    group: text,
    number,
    count: number,
    text,
    flag: fc.constantFrom(true, ref("env:F:-false")),
    mode: fc.constantFrom("auto", ref("env:M:-nagios")),
    duration: length,
    size: fc.constantFrom("1KiB", `${ref("env:N")}MB`),
    cron: fc.constantFrom("*/5 * * * *", ref("env:C:-0 0 * * mon")),
    password: fc.constant(ref("env:SECRET")),
    list: fc.array(fc.record({ host: text, port: number }, { requiredKeys: ["host"] }), { maxLength: 2 }),
    pair: fc.tuple(text, number),
    map: fc.dictionary(fc.constantFrom("a", "b"), fc.record({ a: number })),
    loose: fc.record({ a: number, other: text }),
    side: fc.oneof(
      fc.constantFrom("off", ref("env:S:-off")),
      fc.record({ cert: text }),
      fc.record({ key: text, more: text }),
    ),
    kind: fc.oneof(
      fc.record({ type: fc.constant("http"), url: text }),
      fc.record({ type: fc.constant("tcp"), port: number }),
    ),
    both: fc.record({ a: number, b: number }),
    tree: fc.record({ name: text, children: fc.array(fc.record({ name: text }), { maxLength: 2 }) }),
  },
  { requiredKeys: [] },
);
const web = fc.record(
  {
    from: fc.record(
      {
        status: fc.constantFrom("ok", ["ok", "critical"], [ref("env:O:-ok")]),
        types: fc.constantFrom("a*", ["b"]),
        on: fc.constantFrom("all", ref("env:O:-change")),
      },
      { requiredKeys: [] },
    ),
    delivery: fc.constantFrom("live", ref("env:O:-durable")),
    batch: fc.record({ max_events: number, max_wait: length }, { requiredKeys: [] }),
    retry: fc.record({ initial: length, max_attempts: number }, { requiredKeys: [] }),
    timeout: length,
  },
  { requiredKeys: [] },
);

test("every file that is right loads, and the JSON Schema accepts it", async () => {
  const right = fc.record(
    {
      title: text,
      journal: fc.constantFrom("memory", { max_age: "1d" }),
      shutdown_timeout: length,
      sources: fc.record({ everything }),
      sinks: fc.record({ web: fc.option(web) }),
    },
    { requiredKeys: ["sinks"] },
  );
  await fc.assert(
    fc.asyncProperty(right, async (value) => {
      await folder.valid(stringify(value));
      expect(accepts(value), JSON.stringify(accepts.errors)).toBe(true);
    }),
    { numRuns: 150 },
  );
});
