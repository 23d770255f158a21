import { LineCounter } from "yaml";
import type { Position } from "./model.ts";

/** The text of one file of a configuration, which knows lines and columns. */
export class SourceText {
  /** Absolute path. */
  readonly path: string;
  readonly text: string;
  readonly #lines = new LineCounter();

  constructor(path: string, text: string) {
    this.path = path;
    this.text = text;
    this.#lines.addNewLine(0);
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1))
      this.#lines.addNewLine(at + 1);
  }

  /** Where an offset is, 1-based. */
  position(offset: number): Position {
    const { line, col } = this.#lines.linePos(Math.max(0, Math.min(offset, this.text.length)));
    return { file: this.path, line, column: col };
  }
}

/** A stretch of a source text. */
export interface Span {
  readonly source: SourceText;
  readonly offset: number;
  readonly length: number;
}
