import type { Envelope } from "../../plugin/index.ts";
import type { Journal } from "../journal/port.ts";
import type { Checked } from "./check.ts";
import { EventIds } from "./event-ids.ts";
import type { Tracker } from "./tracker.ts";

/** What a sequencer is made from. */
export interface SequencerOptions {
  readonly journal: Pick<Journal, "head" | "has" | "origin">;
  readonly tracker: Tracker;
}

/** Gives events their id and their place, and knows those that were seen before. */
export class Sequencer {
  readonly #options: SequencerOptions;
  /** Ids that came with drafts and are not committed yet. */
  readonly #pending = new Set<string>();
  readonly #ids = new EventIds();
  #received = "";
  #receivedMilliseconds = 0;
  #seq: number;

  constructor(options: SequencerOptions) {
    this.#options = options;
    this.#seq = options.journal.head;
  }

  /** Whether the event was taken before: its id is known, or it began its way here and comes back from another lifeguard. */
  seen({ event, ownId, foreign }: Checked): boolean {
    const { journal } = this.#options;
    if (foreign && event.origin === journal.origin) return true;
    return ownId && (this.#pending.has(event.id) || journal.has(event.id));
  }

  /**
   * Makes the next envelope.
   * @param received RFC 3339
   */
  next({ event, ownId, verdict }: Checked, received: string): Envelope {
    if (ownId) this.#pending.add(event.id);
    else event.id = this.#ids.next(this.#milliseconds(received));
    return this.#options.tracker.take(event, verdict, ++this.#seq, received);
  }

  /** These ids are in the journal now, or never will be. */
  settle(ids: readonly string[]): void {
    for (const id of ids) this.#pending.delete(id);
  }

  /** Thousands of events are received at the same time: parse it once. */
  #milliseconds(received: string): number {
    if (received !== this.#received) {
      this.#received = received;
      this.#receivedMilliseconds = Date.parse(received);
    }
    return this.#receivedMilliseconds;
  }
}
