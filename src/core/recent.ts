import type { Envelope } from "../plugin/index.ts";
import { estimateBytes } from "./recent/estimate-bytes.ts";

/** How much the ring may hold. */
export interface RecentOptions {
  /** Most envelopes. */
  readonly capacity: number;
  /** Most bytes, estimated. Absent: 32 MiB. */
  readonly maxBytes?: number;
  /** Seq of the newest event before the first that will be pushed. */
  readonly head: number;
}

const MAX_BYTES = 32 * 2 ** 20;

/**
 * The newest envelopes, one copy for all readers. Seqs are consecutive, so a position is an index and nothing is searched.
 *
 *     oldest            head
 *       ▼                ▼
 *     [ 7 | 8 | 9 | 10 | 11 ]     read(8, 2) → 9, 10     read(3, 2) → null: too old, ask the journal
 */
export class Recent {
  readonly #slots: (Envelope | undefined)[];
  readonly #sizes: Uint32Array;
  readonly #capacity: number;
  readonly #maxBytes: number;
  #head: number;
  #count = 0;
  #bytes = 0;

  constructor({ capacity, maxBytes = MAX_BYTES, head }: RecentOptions) {
    this.#capacity = Math.max(1, capacity);
    this.#maxBytes = maxBytes;
    this.#head = head;
    this.#slots = new Array<Envelope | undefined>(this.#capacity).fill(undefined);
    this.#sizes = new Uint32Array(this.#capacity);
  }

  /** Seq of the newest event that subscribers have seen. */
  get head(): number {
    return this.#head;
  }

  /** Seq of the oldest envelope held; head + 1 when there is none. */
  get oldest(): number {
    return this.#head - this.#count + 1;
  }

  /** Estimated size of what is held. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Takes the next envelopes, in seq order; the oldest make room. */
  push(envelopes: readonly Envelope[]): void {
    for (const envelope of envelopes) {
      if (envelope.seq !== this.#head + 1) this.#clear();
      if (this.#count === this.#capacity) this.#dropOldest();
      const slot = envelope.seq % this.#capacity;
      const size = estimateBytes(envelope.event);
      this.#slots[slot] = envelope;
      this.#sizes[slot] = size;
      this.#bytes += size;
      this.#head = envelope.seq;
      this.#count++;
      while (this.#bytes > this.#maxBytes && this.#count > 1) this.#dropOldest();
    }
  }

  /**
   * Envelopes after a position, in order: at most `limit`, and no more than about `maxBytes` beyond the first.
   * @returns null when the position is older than the ring: then the journal has them
   */
  read(after: number, limit: number, maxBytes = Number.POSITIVE_INFINITY): Envelope[] | null {
    if (after + 1 < this.oldest) return null;
    const found: Envelope[] = [];
    let bytes = 0;
    for (let seq = after + 1; seq <= this.#head && found.length < limit; seq++) {
      const slot = seq % this.#capacity;
      bytes += this.#sizes[slot] as number;
      if (found.length > 0 && bytes > maxBytes) break;
      found.push(this.#slots[slot] as Envelope);
    }
    return found;
  }

  /** The newest envelopes that pass the test, newest first. */
  newest(limit: number, test: (envelope: Envelope) => boolean): Envelope[] {
    const found: Envelope[] = [];
    for (let seq = this.#head; seq >= this.oldest && found.length < limit; seq--) {
      const envelope = this.#slots[seq % this.#capacity] as Envelope;
      if (test(envelope)) found.push(envelope);
    }
    return found;
  }

  #dropOldest(): void {
    const slot = this.oldest % this.#capacity;
    this.#slots[slot] = undefined;
    this.#bytes -= this.#sizes[slot] as number;
    this.#count--;
  }

  #clear(): void {
    this.#slots.fill(undefined);
    this.#count = 0;
    this.#bytes = 0;
  }
}
