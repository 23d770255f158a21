import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { stringify } from "yaml";
import { formatProblems } from "../../../../src/core/config/print-problems.ts";
import { PROBLEM_CODES } from "../../../../src/core/config/problem-codes.ts";
import { ConfigFolder } from "./fixture.ts";

let folder: ConfigFolder;
beforeAll(() => {
  folder = new ConfigFolder();
  folder.env = { SECRET: "hunter2hunter2", N: "5" };
});
afterAll(() => folder[Symbol.dispose]());

/** Loads whatever it is; all that may come of it is a configuration, or problems that have a place in the text. */
async function survives(text: string | Uint8Array): Promise<void> {
  const result = await folder.load(text);
  if (result.ok) return;
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
// biome-ignore lint/suspicious/noTemplateCurlyInString: references of monitors.yaml
const reference = fc.constantFrom(
  "${env:SECRET}",
  "${env:N}",
  "${env:GONE}",
  "${file:gone}",
  "a${env:SECRET}b",
  "$${x}",
  "${",
  "${x}",
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
    { numRuns: 300 },
  );
});

test("any structure in flow style loads or is told", async () => {
  await fc.assert(
    fc.asyncProperty(document, (value) => survives(JSON.stringify(value).replaceAll('"', ""))),
    { numRuns: 300 },
  );
});

test("any valid file with a few characters changed loads or is told", async () => {
  const valid = `title: t
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
    at: fc.nat(valid.length),
    remove: fc.nat(6),
    insert: fc.oneof(
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a reference of monitors.yaml
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
        "${env:SECRET}",
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
          valid,
        ),
      ),
    ),
    { numRuns: 400 },
  );
});

test("any bytes load or are told", async () => {
  await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), survives), { numRuns: 150 });
  await fc.assert(fc.asyncProperty(fc.string({ unit: "binary", maxLength: 100 }), survives), {
    numRuns: 150,
  });
});
