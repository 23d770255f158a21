import type { Journal } from "../journal/port.ts";
import { Mutex } from "./mutex.ts";

/** Keeps the dead letters of one sink within a bound: the oldest make room. */
export class DeadLetterLimit {
  readonly #journal: Pick<Journal, "deadLetters" | "deleteDeadLetters">;
  readonly #sink: string;
  readonly #limit: number;
  readonly #mutex = new Mutex();
  /** How many there are; undefined while nobody counted, since counting reads them all. */
  #count: number | undefined;

  constructor(journal: Pick<Journal, "deadLetters" | "deleteDeadLetters">, sink: string, limit: number) {
    this.#journal = journal;
    this.#sink = sink;
    this.#limit = limit;
  }

  /**
   * Deletes the oldest beyond the bound.
   * @param added how many were committed since the last call
   * @returns how many were deleted
   */
  trim(added: number): Promise<number> {
    return this.#mutex.run(async () => {
      this.#count =
        this.#count === undefined
          ? this.#journal.deadLetters(this.#sink, this.#limit + added).length
          : this.#count + added;
      const excess = this.#count - this.#limit;
      if (excess <= 0) return 0;
      this.#count = this.#limit;
      await this.#journal.deleteDeadLetters(
        this.#journal.deadLetters(this.#sink, excess).map(({ id }) => id),
      );
      return excess;
    });
  }

  /** Somebody else deleted some: count anew when it matters. */
  recount(): void {
    this.#count = undefined;
  }
}
