import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import type { Problem } from "../../../../src/core/config/model.ts";
import {
  formatProblems,
  type PrintOptions,
  problemsToJson,
} from "../../../../src/core/config/print-problems.ts";

const directory = "/etc/lifeguard";
const problem: Problem = {
  file: join(directory, "monitors.yaml"),
  line: 2,
  column: 15,
  code: "CFG012",
  message: 'unknown key "intervall" in sources.promises',
  suggestion: "interval",
  length: 9,
};
const text = "sources:\n  promises: { intervall: 5s }\n";

/** Prints one problem, with the text of its file or without. */
function formatProblem(one: Problem, fileText: string | undefined, options: PrintOptions): string {
  return formatProblems([one], new Map(fileText === undefined ? [] : [[one.file, fileText]]), options);
}

test("a problem shows its place, its line, a caret and what was meant", () => {
  expect(formatProblem(problem, text, { color: false, directory })).toBe(
    [
      'monitors.yaml:2:15 CFG012 unknown key "intervall" in sources.promises',
      "    promises: { intervall: 5s }",
      "                ^^^^^^^^^",
      '  did you mean "interval"?',
    ].join("\n"),
  );
});

test("colour adds nothing but colour", () => {
  const colored = formatProblem(problem, text, { color: true, directory });
  expect(colored).not.toBe(stripVTControlCharacters(colored));
  expect(stripVTControlCharacters(colored)).toBe(formatProblem(problem, text, { color: false, directory }));
});

test("the caret stands right behind tabs and in long lines", () => {
  const tab = formatProblem({ ...problem, line: 1, column: 3, length: 1 }, "\tab", { color: false });
  expect(tab.split("\n").slice(1, 3)).toEqual(["  \tab", "  \t ^"]);
  const long = `${"x".repeat(500)}HERE${"y".repeat(500)}`;
  const [, line = "", caret = ""] = formatProblem({ ...problem, line: 1, column: 501, length: 4 }, long, {
    color: false,
  }).split("\n");
  expect(line.length).toBeLessThan(200);
  expect(line.slice(caret.indexOf("^"), caret.lastIndexOf("^") + 1)).toBe("HERE");
});

test("a place without a line shows none", () => {
  expect(
    formatProblem({ ...problem, line: 9, suggestion: undefined }, text, { color: false, directory }),
  ).toBe('monitors.yaml:9:15 CFG012 unknown key "intervall" in sources.promises');
  expect(
    formatProblem({ ...problem, suggestion: undefined }, undefined, { color: false, directory: "/var" }),
  ).toBe('/etc/lifeguard/monitors.yaml:2:15 CFG012 unknown key "intervall" in sources.promises');
});

test("programs get the same facts, and nothing that only people need", () => {
  expect(problemsToJson([problem, { ...problem, suggestion: undefined }], "error", directory)).toEqual([
    {
      severity: "error",
      file: "monitors.yaml",
      line: 2,
      column: 15,
      code: "CFG012",
      message: problem.message,
      suggestion: "interval",
    },
    {
      severity: "error",
      file: "monitors.yaml",
      line: 2,
      column: 15,
      code: "CFG012",
      message: problem.message,
    },
  ]);
});
