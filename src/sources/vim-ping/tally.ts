import type { Measure } from "../../plugin/index.ts";
import { Buckets } from "./buckets.ts";

/** Neighbouring buckets differ by this factor, so that a percentile is wrong by a twentieth at most. */
const FACTOR = 1.1;
const SMALLEST = 0.001;
/** Up to SMALLEST × FACTOR^BUCKETS, which is more than an hour. */
const BUCKETS = 232;
const SCALE = 1 / Math.log(FACTOR);

/** Sums up the rounds of one VIM from one summary to the next, in little memory whatever their number. */
export class Tally {
  sent = 0;
  received = 0;
  #sum = 0;
  #least = Number.POSITIVE_INFINITY;
  #most = 0;
  readonly #buckets = new Buckets();

  /** @param times round-trip times in milliseconds */
  add(sent: number, times: readonly number[]): void {
    this.sent += sent;
    this.received += times.length;
    for (const time of times) {
      this.#sum += time;
      if (time < this.#least) this.#least = time;
      if (time > this.#most) this.#most = time;
      const bucket = Math.floor(Math.log(Math.max(time, SMALLEST) / SMALLEST) * SCALE);
      this.#buckets.count(Math.min(bucket, BUCKETS - 1));
    }
  }

  /** Loss in per cent, and round-trip times in milliseconds where there was an answer. */
  measures(): Record<string, Measure> {
    const loss = percent(this.sent === 0 ? 0 : (100 * (this.sent - this.received)) / this.sent);
    if (this.received === 0) return { loss };
    return {
      rtt_min: ms(this.#least),
      rtt_avg: ms(this.#sum / this.received),
      rtt_p95: ms(this.#percentile(0.95)),
      rtt_max: ms(this.#most),
      loss,
    };
  }

  /** Begins anew. */
  clear(): void {
    this.sent = 0;
    this.received = 0;
    this.#sum = 0;
    this.#least = Number.POSITIVE_INFINITY;
    this.#most = 0;
    this.#buckets.clear();
  }

  #percentile(share: number): number {
    const bucket = this.#buckets.at(Math.ceil(share * this.received));
    if (bucket === undefined) return this.#most;
    const middle = SMALLEST * FACTOR ** (bucket + 0.5);
    return Math.min(Math.max(middle, this.#least), this.#most);
  }
}

/** Milliseconds as a measure, to the microsecond. */
export function ms(value: number): Measure {
  return { value: Math.round(value * 1000) / 1000, unit: "ms" };
}

function percent(value: number): Measure {
  return { value: Math.round(value * 1000) / 1000, unit: "%", min: 0, max: 100 };
}
