import type { Clock } from "../../plugin/index.ts";

/** The time as text. Thousands of events share a millisecond, so it is made once for each. */
export class IsoClock {
  readonly #clock: Clock;
  #at = Number.NaN;
  #text = "";

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** RFC 3339, UTC, with milliseconds. */
  now(): string {
    const at = this.#clock.now();
    if (at !== this.#at) {
      this.#at = at;
      this.#text = new Date(at).toISOString();
    }
    return this.#text;
  }
}
