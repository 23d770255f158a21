import type { Logger } from "../../plugin/index.ts";
import { formatNote, type Note } from "./note.ts";

/** Reports the notes of repeated looks at the same files: each once, and again only after it was gone. */
export class NoteBook {
  readonly #log: Logger;
  #known = new Set<string>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Takes all notes of one look. */
  report(notes: readonly Note[]): void {
    const lines = new Set(notes.map(formatNote));
    for (const line of lines) if (!this.#known.has(line)) this.#log.warn(line);
    this.#known = lines;
  }
}
