import { type Accepted, type Clock, type EventDraft, LifeguardError } from "../../plugin/index.ts";
import type { Admission, Way } from "./admission.ts";
import type { Checked } from "./check.ts";
import type { Checker } from "./checker.ts";
import type { Committer } from "./committer.ts";
import { withGrace } from "./grace.ts";
import type { Emitter, IntakeSource } from "./intake-source.ts";
import type { Room } from "./room.ts";
import { Turnstile } from "./turnstile.ts";

/** What the way in for those who wait is made from. */
export interface WaitersParts {
  readonly admission: Admission;
  readonly checker: Checker;
  readonly committer: Committer;
  readonly room: Room;
  readonly clock: Clock;
}

/** How long an `accept` that the journal is about to commit outlives the abort of its source, in milliseconds. */
const GRACE = 500;

/** The way in for those who wait: in turn, until there is room and the journal holds what they said. */
export class Waiters {
  readonly #parts: WaitersParts;
  readonly #way: Way;
  readonly #turnstile = new Turnstile();

  constructor(parts: WaitersParts) {
    this.#parts = parts;
    this.#way = { name: "awaited", room: parts.room };
  }

  /** How many wait for room. */
  get waiting(): number {
    return this.#turnstile.length;
  }

  /**
   * Takes drafts, all of them or none.
   * @throws DraftError (`EVENT_INVALID`), LifeguardError `SUBJECTS_FULL`, or the reason of the source's signal
   */
  async accept(source: IntakeSource, drafts: readonly EventDraft[], emitter: Emitter): Promise<Accepted> {
    const { signal } = source;
    const checked = this.#check(source, drafts, emitter);
    if (checked.length === 0) return { accepted: 0, duplicates: 0 };
    const bytes = checked.reduce((sum, one) => sum + one.bytes, 0);
    return new Promise((resolve, reject) => {
      this.#turnstile.queue(
        () => this.#way.room.fits(checked.length, bytes),
        () => this.#enter(source, checked, resolve, reject),
        () => reject(signal.reason),
        signal,
      );
    });
  }

  /** There may be room for those who wait. */
  settle(): void {
    this.#turnstile.advance();
  }

  #check(source: IntakeSource, drafts: readonly EventDraft[], emitter: Emitter): Checked[] {
    const { admission, checker } = this.#parts;
    try {
      return checker.all(source, drafts, emitter);
    } catch (error) {
      admission.received(source, drafts.length).dropped.invalid += drafts.length;
      throw error;
    }
  }

  #enter(
    source: IntakeSource,
    drafts: readonly Checked[],
    resolve: (accepted: Accepted) => void,
    reject: (error: unknown) => void,
  ): void {
    const { admission, clock, committer } = this.#parts;
    const books = admission.received(source, drafts.length);
    const refusal = admission.tooManySubjects(source, drafts);
    if (refusal !== undefined) {
      books.dropped.subjects += drafts.length;
      reject(new LifeguardError("SUBJECTS_FULL", refusal));
      return;
    }
    const { batch } = committer;
    const accepted = admission.admit(source, drafts, books, this.#way);
    const done = () => resolve({ accepted, duplicates: drafts.length - accepted });
    // Also where all are duplicates: they may be of events that are not committed yet, and even an empty append comes after those.
    batch.waiters.push(withGrace({ resolve: done, reject }, source.signal, clock, GRACE));
    committer.added();
  }
}
