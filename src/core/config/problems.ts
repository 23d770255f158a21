import { basename } from "node:path";
import type { Position, Problem } from "./model.ts";
import type { ProblemCode } from "./problem-codes.ts";
import type { Span } from "./source-text.ts";

/** So many problems are kept; more would help nobody. */
const MOST = 1000;

interface Details {
  readonly suggestion?: string | undefined;
  /** The alias or merge key through which the place is used. */
  readonly usedAt?: Span | undefined;
  /** What tells it from another problem of the same code at the same place, such as the key that is missing. */
  readonly about?: string | undefined;
}

/** Collects everything that is wrong, wherever it is found. */
export class Problems {
  readonly #found = new Map<string, { problem: Problem; uses: Position[]; more: number }>();

  /** Whether nothing is wrong so far. */
  get none(): boolean {
    return this.#found.size === 0;
  }

  /** Adds a problem with a stretch of a file. */
  add(code: ProblemCode, span: Span, message: string, details: Details = {}): void {
    this.addAt(code, span.source.position(span.offset), span.length, message, details);
  }

  /** Adds a problem at a position of a file that need not be part of the configuration. */
  addAt(code: ProblemCode, position: Position, length: number, message: string, details: Details = {}): void {
    const { suggestion, usedAt, about } = details;
    // What is wrong with an anchor is wrong wherever it is used; it is told once, with the uses.
    const what = about ?? (usedAt ? "" : message);
    const key = [position.file, position.line, position.column, code, what].join("\0");
    const known = this.#found.get(key);
    const use = usedAt?.source.position(usedAt.offset);
    if (known) {
      if (use && known.uses.length < 3) known.uses.push(use);
      else if (use) known.more++;
      return;
    }
    if (this.#found.size >= MOST) return;
    const { file, line, column } = position;
    this.#found.set(key, {
      problem: { code, file, line, column, length: Math.max(1, length), message, suggestion },
      uses: use ? [use] : [],
      more: 0,
    });
  }

  /** All of them, by position; those of `first` before those of other files. */
  list(first: string): readonly Problem[] {
    return [...this.#found.values()]
      .map(({ problem, uses, more }) =>
        uses.length === 0
          ? problem
          : { ...problem, message: `${problem.message} (used at ${placesOf(problem, uses, more)})` },
      )
      .sort(
        (a, b) =>
          Number(b.file === first) - Number(a.file === first) ||
          (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) ||
          a.line - b.line ||
          a.column - b.column ||
          (a.code < b.code ? -1 : 1),
      );
  }
}

function placesOf(problem: Problem, uses: readonly Position[], more: number): string {
  const places = [
    ...new Set(
      uses.map(
        ({ file, line, column }) => `${file === problem.file ? "" : `${basename(file)}:`}${line}:${column}`,
      ),
    ),
  ].join(", ");
  return more > 0 ? `${places} and ${more} more` : places;
}
