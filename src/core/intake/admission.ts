import type { Books, SourceBooks } from "./books.ts";
import type { Checked } from "./check.ts";
import type { Committer } from "./committer.ts";
import type { IntakeSource } from "./intake-source.ts";
import type { IsoClock } from "./iso-clock.ts";
import type { Room } from "./room.ts";
import type { Sequencer } from "./sequencer.ts";
import type { Tracker } from "./tracker.ts";

/** One of the two ways in: what takes up room there. */
export interface Way {
  readonly name: "offered" | "awaited";
  readonly room: Room;
}

/** What admission is made from. */
export interface AdmissionParts {
  readonly tracker: Tracker;
  readonly sequencer: Sequencer;
  readonly committer: Committer;
  readonly books: Books;
  readonly iso: IsoClock;
  /** This lifeguard itself, which is always let in. */
  readonly own: IntakeSource;
  /** How many subjects may be known. */
  readonly subjects: number;
}

/** The door at the end of both ways in: it counts who came, and makes envelopes of the drafts that are let in. */
export class Admission {
  readonly #parts: AdmissionParts;

  constructor(parts: AdmissionParts) {
    this.#parts = parts;
  }

  /** Counts drafts of a source that came. @returns its books */
  received(source: IntakeSource, count: number): SourceBooks {
    const books = this.#parts.books.of(source.name);
    books.received += count;
    this.#parts.books.changed();
    return books;
  }

  /** Why drafts cannot be let in, as they name more new subjects than may be known; undefined where they can. */
  tooManySubjects(source: IntakeSource, drafts: readonly Checked[]): string | undefined {
    const { own, tracker, subjects } = this.#parts;
    if (source === own || tracker.fresh(drafts) <= tracker.room) return undefined;
    return `source ${source.name}: there are ${subjects} subjects, as many as limits allow; a new one was refused`;
  }

  /**
   * Lets drafts in: they go to the journal with the next batch. Whoever calls says so to the committer.
   * @returns how many were new
   */
  admit(source: IntakeSource, drafts: readonly Checked[], books: SourceBooks, way: Way): number {
    const { committer, iso, sequencer } = this.#parts;
    const { batch } = committer;
    const load = batch[way.name];
    const now = iso.now();
    let count = 0;
    for (const draft of drafts) {
      const seen = sequencer.seen(draft);
      if (draft.checkpoint) batch.remember(source.name, draft.checkpoint);
      if (!seen || draft.checkpoint) {
        way.room.take(1, draft.bytes);
        load.events++;
        load.bytes += draft.bytes;
      }
      if (seen) {
        books.duplicates++;
        continue;
      }
      const envelope = sequencer.next(draft, now);
      if (draft.ownId) batch.ownIds.push(envelope.event.id);
      batch.add(envelope, books);
      count++;
    }
    return count;
  }
}
