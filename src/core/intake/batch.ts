import type { Checkpoint, Envelope } from "../../plugin/index.ts";
import type { StateWrite, SubjectKey, SubjectRow, Writes } from "../journal/port.ts";
import type { SourceBooks } from "./books.ts";

/** Somebody who waits for a batch to be committed. */
export interface Waiter {
  resolve(): void;
  reject(error: unknown): void;
}

/** What takes up which room. */
export interface Load {
  events: number;
  bytes: number;
}

/** What goes to the journal with the next append, and who waits for it. */
export class Batch {
  readonly envelopes: Envelope[] = [];
  readonly ownIds: string[] = [];
  readonly waiters: Waiter[] = [];
  /** What it takes of the room of each way in. */
  readonly offered: Load = { events: 0, bytes: 0 };
  readonly awaited: Load = { events: 0, bytes: 0 };
  readonly #state: StateWrite[] = [];
  readonly #counts = new Map<SourceBooks, number>();

  /** Whether there is nothing to commit and nobody to tell. */
  get empty(): boolean {
    return this.envelopes.length === 0 && this.#state.length === 0 && this.waiters.length === 0;
  }

  add(envelope: Envelope, books: SourceBooks): void {
    this.envelopes.push(envelope);
    this.#counts.set(books, (this.#counts.get(books) ?? 0) + 1);
  }

  /** Adds a draft's checkpoint. */
  remember(source: string, checkpoint: Checkpoint): void {
    const owner = `source/${source}`;
    for (const [key, value] of Object.entries(checkpoint)) this.#state.push({ owner, key, value });
  }

  /** What to append. */
  writes({ subjects, retired }: { subjects: SubjectRow[]; retired: SubjectKey[] }): Writes {
    return { events: this.envelopes, ownIds: this.ownIds, subjects, retired, state: this.#state };
  }

  /** Enters what became of its events into the books of their sources. */
  settle(outcome: "accepted" | "closed"): void {
    for (const [books, count] of this.#counts)
      if (outcome === "accepted") books.accepted += count;
      else books.dropped.closed += count;
  }
}
