import type { Measure } from "../../../plugin/index.ts";

/** Each bucket is so much wider than the one below: any value is known within 5 %. */
const GROWTH = 1.1;
const LOG_GROWTH = Math.log(GROWTH);
/** Everything shorter is one bucket: a nanosecond, in milliseconds. */
const LEAST = 1e-6;
/** And everything longer: thirty years. */
const MOST = 1e12;

const MILLISECONDS: Readonly<Record<string, number>> = { s: 1000, ms: 1, us: 1e-3, µs: 1e-3, ns: 1e-6 };
/** What tells how long an observation took, the most telling first. */
const NAMES = ["latency", "rtt", "rtt_avg", "response_time", "duration", "time"];

/** How long an observation took, in milliseconds; undefined where its measures do not say. */
export function latencyOf(measures: Readonly<Record<string, Measure>>): number | undefined {
  for (const name of NAMES) {
    const measure = measures[name];
    const factor = measure && MILLISECONDS[measure.unit];
    if (measure && factor !== undefined && measure.value >= 0) return measure.value * factor;
  }
  return undefined;
}

/**
 * How often which length of time was seen, in buckets that grow by a tenth: sketches add up, so that those of two batches make one of a
 * day. Its text is `bucket:count` in ascending order.
 */
export class LatencySketch {
  readonly #counts = new Map<number, number>();

  /** @param text as `toString` gave it; null: empty */
  static parse(text: string | null): LatencySketch {
    const sketch = new LatencySketch();
    for (const entry of text ? text.split(",") : []) {
      const [bucket, count] = entry.split(":").map(Number);
      if (bucket !== undefined && count) sketch.#counts.set(bucket, count);
    }
    return sketch;
  }

  /** @param value milliseconds */
  add(value: number): void {
    const bucket = Math.ceil(Math.log(Math.min(Math.max(value, LEAST), MOST)) / LOG_GROWTH);
    this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + 1);
  }

  /** The value below which a share (0 to 1) of all lie, in milliseconds; undefined while there is none. */
  quantile(share: number): number | undefined {
    let total = 0;
    for (const count of this.#counts.values()) total += count;
    if (total === 0) return undefined;
    let left = Math.max(1, Math.ceil(share * total));
    for (const [bucket, count] of this.#sorted()) {
      left -= count;
      // The middle of a bucket, in the sense of its error: as far above its lower as below its upper end.
      if (left <= 0) return (2 * GROWTH ** bucket) / (GROWTH + 1);
    }
    return undefined;
  }

  /** What is kept beside the sketch, in milliseconds; null while there is nothing. More digits than four would say more than is known. */
  summary(): { readonly p50: number | null; readonly p95: number | null } {
    const rounded = (value: number | undefined) =>
      value === undefined ? null : Number(value.toPrecision(4));
    return { p50: rounded(this.quantile(0.5)), p95: rounded(this.quantile(0.95)) };
  }

  toString(): string {
    return this.#sorted()
      .map(([bucket, count]) => `${bucket}:${count}`)
      .join(",");
  }

  #sorted(): [bucket: number, count: number][] {
    return [...this.#counts].sort(([a], [b]) => a - b);
  }
}
