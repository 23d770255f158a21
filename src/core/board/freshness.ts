import type { Row } from "./row.ts";

/** Where a monitor writes that it looked at its subject. */
export class Freshness {
  readonly #row: Row;
  readonly #trusted: (row: Row) => void;

  constructor(row: Row, trusted: (row: Row) => void) {
    this.#row = row;
    this.#trusted = trusted;
  }

  /** Milliseconds since the epoch of the last beat; 0 for none. Assigning ends the doubt about the subject. */
  get seen(): number {
    return this.#row.beat;
  }

  set seen(time: number) {
    this.#row.beat = time;
    if (this.#row.doubt !== null) this.#trusted(this.#row);
  }
}
