import type { Alarm, Wheel } from "./wheel.ts";

/** Milliseconds of lateness that a busy machine has all the time. */
const NOISE = 50;

/** How often, in milliseconds, the wheel is woken to be measured while somebody wants to know. */
const PULSE = 250;

/**
 * Measures how long lifeguard itself stood still: by how much the wheel woke later than it had asked for. A probe that missed its
 * deadline while lifeguard stalled says nothing about its target.
 */
export class StallMeter {
  #total = 0;
  #watchers = 0;
  #pulse: Alarm | undefined;

  /** Milliseconds stalled since the start. Only differences mean something. */
  get total(): number {
    return this.#total;
  }

  /** Told by the wheel at each wake. */
  readonly wake = (lateness: number): void => {
    if (lateness > NOISE) this.#total += lateness;
  };

  /** Begins to wake the wheel now and then, so that no stall of more than a moment goes unnoticed. Pair with `unwatch`. */
  watch(wheel: Wheel): void {
    this.#watchers += 1;
    this.#pulse ??= wheel.alarm(() => this.#pulse?.set(PULSE));
    if (!this.#pulse.pending) this.#pulse.set(PULSE);
  }

  /** Ends one `watch`. */
  unwatch(): void {
    this.#watchers -= 1;
    if (this.#watchers === 0) this.#pulse?.cancel();
  }

  /** Whether a stall since `total` was long enough to spoil a run with that timeout, in milliseconds. */
  spoiled(totalBefore: number, timeout: number): boolean {
    return this.#total - totalBefore >= Math.max(NOISE, Math.min(1000, timeout / 10));
  }
}
