import { setImmediate as nextTurn } from "node:timers/promises";
import { compileFilter, type Envelope, type Filter } from "../../plugin/index.ts";
import type { Published } from "./published.ts";

/** Where a reader begins, and what it wants. */
export interface ReaderOptions {
  readonly published: Pick<Published, "head" | "oldest" | "read" | "wait">;
  /** Seq of the last envelope that it has had. */
  readonly after: number;
  readonly filter?: Filter | undefined;
}

/** What was read: everything in (from, to] was looked at; from + passed over + pruned + given = to. */
export interface Read {
  readonly envelopes: readonly Envelope[];
  readonly from: number;
  readonly to: number;
  /** How many did not match. */
  readonly passedOver: number;
  /** How many were gone before they were read. They come before the envelopes; then there are none. */
  readonly pruned: number;
}

/** How many are looked at in one go, so that a long stretch that matches nothing does not hold the event loop. */
const LOOK = 1000;

/** A position and a filter, nothing more: reads forward, and waits at the head. One call at a time. */
export class Reader {
  readonly #published: ReaderOptions["published"];
  readonly #matches: (envelope: Envelope) => boolean;
  #position: number;

  constructor({ published, after, filter }: ReaderOptions) {
    this.#published = published;
    this.#matches = compileFilter(filter);
    this.#position = after;
  }

  /** Seq of the last envelope that was looked at. */
  get position(): number {
    return this.#position;
  }

  /** Goes on from another position. */
  seek(position: number): void {
    this.#position = position;
  }

  /**
   * The next envelopes that match; waits until there is one. Also returns where some were pruned, to say so.
   * @param limit most envelopes
   * @param maxBytes about how many bytes, beyond the first envelope
   * @throws the signal's reason
   */
  async next(limit: number, maxBytes: number, signal: AbortSignal): Promise<Read> {
    const from = this.#position;
    let passedOver = 0;
    for (;;) {
      signal.throwIfAborted();
      const found = this.#published.read(this.#position, LOOK, maxBytes);
      const expected = this.#position + 1;
      const oldest = found[0]?.seq ?? this.#published.oldest;
      if (oldest > expected) {
        this.#position = oldest - 1;
        return { envelopes: [], from, to: this.#position, passedOver, pruned: oldest - expected };
      }
      const envelopes: Envelope[] = [];
      for (const envelope of found) {
        if (this.#matches(envelope)) envelopes.push(envelope);
        else passedOver++;
        this.#position = envelope.seq;
        if (envelopes.length === limit) break;
      }
      if (envelopes.length > 0) return { envelopes, from, to: this.#position, passedOver, pruned: 0 };
      // Others have their turn: in a long stretch that does not match, and where the journal prunes and does not say so yet.
      if (this.#published.head > this.#position) await nextTurn();
      else await this.#published.wait(this.#position, signal);
    }
  }
}
