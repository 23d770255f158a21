import { relative } from "node:path";
import { styleText } from "node:util";
import type { Problem } from "./model.ts";

/** How problems are printed. */
export interface PrintOptions {
  readonly color: boolean;
  /** Absolute folder that files below it are named from. Absent: the working directory. */
  readonly directory?: string | undefined;
}

/** A problem as other programs get it. */
export type ProblemJson = Pick<Problem, "file" | "line" | "column" | "code" | "message" | "suggestion"> & {
  readonly severity: Severity;
};

/** A warning need not be wrong, but mostly is. */
export type Severity = "error" | "warning";

/** Longer lines are cut, around the place that matters. */
const WIDEST = 160;

function format(problem: Problem, source: readonly string[], options: PrintOptions): string {
  const { line, column, code, message, suggestion } = problem;
  const paint = (style: "bold" | "red" | "dim" | "cyan", text: string) =>
    options.color ? styleText(style, text, { validateStream: false }) : text;
  const place = `${displayPath(problem.file, options.directory)}:${line}:${column}`;
  const lines = [`${paint("bold", place)} ${paint("red", code)} ${message}`];
  const text = source[line - 1];
  if (text !== undefined && text.trim() !== "") {
    const shown = cut(text, column - 1, problem.length);
    lines.push(`  ${shown.text}`, `  ${shown.indent}${paint("red", "^".repeat(shown.length))}`);
  }
  if (suggestion !== undefined)
    lines.push(
      `  ${paint("cyan", `did you mean ${suggestion.startsWith('"') ? suggestion : `"${suggestion}"`}?`)}`,
    );
  return lines.join("\n");
}

/**
 * Prints problems one below the other: the place, code and message of each, the line with a caret under the place, and what was probably
 * meant. Secrets that stand in plain text are masked in the lines shown.
 * @param texts texts of their files, by absolute path
 */
export function formatProblems(
  problems: readonly Problem[],
  texts: ReadonlyMap<string, string>,
  options: PrintOptions,
): string {
  const masked = new Map(
    [...texts].map(([file, text]) => [file, withoutSecrets(linesOf(text), file, problems)]),
  );
  return problems.map((problem) => format(problem, masked.get(problem.file) ?? [], options)).join("\n");
}

function linesOf(text: string): string[] {
  return text.replace(/^\uFEFF/, "").split(/\r?\n/);
}

/** Problems for other programs: the same paths as people read, nothing else that only people need. */
export function problemsToJson(
  problems: readonly Problem[],
  severity: Severity,
  directory?: string,
): readonly ProblemJson[] {
  return problems.map(({ file, line, column, code, message, suggestion }) => ({
    severity,
    file: displayPath(file, directory),
    line,
    column,
    code,
    message,
    ...(suggestion !== undefined && { suggestion }),
  }));
}

function displayPath(file: string, directory = process.cwd()): string {
  const path = relative(directory, file);
  return path === "" || path.startsWith("..") ? file : path;
}

function withoutSecrets(lines: string[], file: string, problems: readonly Problem[]): string[] {
  for (const { line, column, length, code, file: where } of problems) {
    if (code !== "CFG009" || where !== file) continue;
    const before = lines[line - 1] ?? "";
    lines[line - 1] = before.slice(0, column - 1) + "*".repeat(length) + before.slice(column - 1 + length);
  }
  return lines;
}

/** Cuts a long line, and says where its caret begins and how long it is. Tabs stay tabs, so that the caret stands right. */
function cut(text: string, start: number, length: number): { text: string; indent: string; length: number } {
  const from = text.length > WIDEST ? Math.max(0, Math.min(start - WIDEST / 2, text.length - WIDEST)) : 0;
  const shown = text.slice(from, from + WIDEST);
  const indent = shown.slice(0, start - from).replace(/[^\t]/g, " ");
  return { text: shown, indent, length: Math.max(1, Math.min(length, shown.length - (start - from))) };
}
