import type { PingCounters } from "../port.ts";

const NAMES = ["sent", "received", "late", "duplicate", "foreign", "forged", "stalled"] as const;

/** Counters that one thread counts up and another reads, without a message. */
export class Tally {
  /** What to hand to the other side. */
  readonly memory: SharedArrayBuffer;
  readonly #counts: Float64Array;

  constructor(memory = new SharedArrayBuffer(8 * NAMES.length)) {
    this.memory = memory;
    this.#counts = new Float64Array(memory);
  }

  /** Counts one of a kind, or some. */
  count(name: keyof PingCounters, by = 1): void {
    const at = NAMES.indexOf(name);
    this.#counts[at] = (this.#counts[at] as number) + by;
  }

  read(): PingCounters {
    const counts = this.#counts;
    return Object.fromEntries(NAMES.map((name, at) => [name, counts[at]])) as unknown as PingCounters;
  }
}
