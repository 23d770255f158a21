import type { Clock, Logger } from "../../plugin/index.ts";
import type { Cursor, DeadLetter, Journal } from "../journal/port.ts";
import type { SinkStore } from "./sink-store.ts";

/** How long a cursor that only passed events nobody wanted may wait: reading them again after a crash costs nothing. */
const LATER_MS = 1000;

/** What a saver is made from. */
export interface CursorSaverParts {
  readonly journal: Pick<Journal, "append">;
  readonly store: SinkStore;
  readonly clock: Clock;
  readonly log: Logger;
  /** The books as they are now. */
  readonly books: () => Cursor;
  /** Called after dead letters were committed, with their number. */
  readonly onDeadLetters: (count: number) => void;
}

/**
 * Brings cursor, books, dead letters and sink state into the journal, all of one moment in one transaction. One save at a time: what
 * comes up meanwhile goes with the next, so a fast sink costs one row a group commit and not one a batch.
 */
export class CursorSaver {
  readonly #parts: CursorSaverParts;
  #letters: DeadLetter[] = [];
  #dirty = false;
  #saving: Promise<void> | undefined;
  #cancelLater: (() => void) | undefined;

  constructor(parts: CursorSaverParts) {
    this.#parts = parts;
  }

  /** Saves soon. */
  save(letters: readonly DeadLetter[] = []): void {
    this.#cancelLater?.();
    this.#cancelLater = undefined;
    this.#letters.push(...letters);
    this.#dirty = true;
    this.#saving ??= this.#run();
  }

  /** Saves with the next save, or within a second. */
  saveLater(): void {
    this.#cancelLater ??= this.#parts.clock.setTimeout(() => this.save(), LATER_MS);
  }

  /** Saves what is waiting. Resolves when all of it is on disk, or the journal has closed. */
  async flush(): Promise<void> {
    if (this.#cancelLater) this.save();
    await this.#saving;
  }

  async #run(): Promise<void> {
    const { journal, store, books, onDeadLetters, log } = this.#parts;
    while (this.#dirty) {
      this.#dirty = false;
      const deadLetters = this.#letters;
      this.#letters = [];
      try {
        await journal.append({ cursors: [books()], deadLetters, state: store.take() });
        store.committed();
        if (deadLetters.length > 0) onDeadLetters(deadLetters.length);
      } catch (error) {
        // The journal retries by itself and rejects only when it closes; what was not saved comes again after the next start.
        log.warn("the cursor was not saved", { error });
        break;
      }
    }
    this.#saving = undefined;
  }
}
