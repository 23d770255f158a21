import type { Envelope } from "../../plugin/index.ts";
import type { Cursor } from "../journal/port.ts";
import { estimateBytes } from "../recent/estimate-bytes.ts";
import type { Feed } from "./feed.ts";

/** An envelope of the batch, and what became of it. Those before it that did not match are only counted. */
interface Entry {
  readonly envelope: Envelope;
  readonly filteredBefore: number;
  readonly droppedBefore: number;
  /** Null while it has not been dealt with; what the sink said where it became a dead letter. */
  outcome: null | "delivered" | { readonly refused: string };
}

/** A refused envelope that the cursor has just passed. */
export interface Refused {
  readonly envelope: Envelope;
  readonly reason: string;
}

/** What a window may hold. */
export interface WindowLimits {
  readonly maxEvents: number;
  readonly maxBytes: number;
}

/** How many envelopes are looked at in one go, so that a long stretch that matches nothing does not hold the event loop. */
const LOOK_EVENTS = 1000;

/**
 * The stretch of the journal that a sink works on: one batch, from its filling to the last of it being dealt with. The cursor passes only
 * what is dealt with without a gap, so a window holds what was delivered beyond one.
 *
 *     cursor          position
 *       ▼                ▼
 *       | d | f | . | d |         d delivered, f filtered, . comes back: the cursor moves by two
 */
export class Window {
  readonly #limits: WindowLimits;
  #entries: Entry[] = [];
  #filtered = 0;
  #dropped = 0;
  #bytes = 0;
  #position: number;
  #openedAt = 0;

  /** @param position the cursor to begin at */
  constructor(limits: WindowLimits, position: number) {
    this.#limits = limits;
    this.#position = position;
  }

  /** How many envelopes are in the batch, those dealt with out of order included. */
  get size(): number {
    return this.#entries.length;
  }

  /** When the first envelope came in, on the monotonic clock. */
  get openedAt(): number {
    return this.#openedAt;
  }

  /**
   * Takes from the feed what fits.
   * @returns `full`; `dry` when the feed has no more; `more` when it has, but others should have their turn
   */
  fill(feed: Feed, accepts: (envelope: Envelope) => boolean, now: number): "full" | "dry" | "more" {
    for (let looked = 0; looked < LOOK_EVENTS; looked++) {
      if (this.#entries.length >= this.#limits.maxEvents) return "full";
      const envelope = feed.peek();
      this.#dropped += feed.takeLost();
      this.#position = feed.position;
      if (!envelope) return "dry";
      if (accepts(envelope)) {
        const bytes = estimateBytes(envelope.event);
        if (this.#entries.length > 0 && this.#bytes + bytes > this.#limits.maxBytes) return "full";
        this.#push(envelope, bytes, now);
      } else this.#filtered++;
      feed.take();
      this.#position = feed.position;
    }
    return "more";
  }

  /** What is still to be delivered, in order. */
  pending(): Envelope[] {
    return this.#entries.filter(({ outcome }) => outcome === null).map(({ envelope }) => envelope);
  }

  /** Marks pending envelopes, by the ids of their events, as delivered. Returns how many. */
  markDelivered(ids: ReadonlySet<string> | "all"): number {
    return this.#mark(ids, "delivered");
  }

  /** Marks pending envelopes as refused for good. Returns how many. */
  markRefused(ids: ReadonlySet<string> | "all", reason: string): number {
    return this.#mark(ids, { refused: reason });
  }

  /**
   * Moves the books past everything that is dealt with without a gap.
   * @param onRefused is given each refused envelope as it is passed
   * @returns the new books; the same object when nothing moved
   */
  advance(books: Cursor, onRefused: (refused: Refused) => void): Cursor {
    let { seq, delivered, filtered, deadLettered, dropped } = books;
    let passed = 0;
    for (const { envelope, outcome, filteredBefore, droppedBefore } of this.#entries) {
      if (outcome === null) break;
      passed++;
      filtered += filteredBefore;
      dropped += droppedBefore;
      if (outcome === "delivered") delivered++;
      else {
        deadLettered++;
        onRefused({ envelope, reason: outcome.refused });
      }
      seq = envelope.seq;
    }
    if (passed > 0) this.#entries = this.#entries.slice(passed);
    if (this.#entries.length === 0) {
      filtered += this.#filtered;
      dropped += this.#dropped;
      seq = this.#position;
      this.#filtered = this.#dropped = this.#bytes = 0;
    }
    return seq === books.seq ? books : { ...books, seq, delivered, filtered, deadLettered, dropped };
  }

  #push(envelope: Envelope, bytes: number, now: number): void {
    if (this.#entries.length === 0) this.#openedAt = now;
    this.#entries.push({
      envelope,
      filteredBefore: this.#filtered,
      droppedBefore: this.#dropped,
      outcome: null,
    });
    this.#filtered = this.#dropped = 0;
    this.#bytes += bytes;
  }

  #mark(ids: ReadonlySet<string> | "all", outcome: NonNullable<Entry["outcome"]>): number {
    let marked = 0;
    for (const entry of this.#entries) {
      if (entry.outcome !== null || (ids !== "all" && !ids.has(entry.envelope.event.id))) continue;
      entry.outcome = outcome;
      marked++;
    }
    return marked;
  }
}
