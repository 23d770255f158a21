import type { Clock } from "../../plugin/index.ts";
import type { Stretch } from "./store/time-split.ts";

/** How often to look whether the time has gone on. */
export const LOOK_MS = 5000;
/** Most stretches that wait for a database that cannot be reached. */
const MOST = 100;

/**
 * Notices time that nobody watched though the process lived: it was stopped, or the machine slept. A clock that is set forward looks the same.
 */
export class Standstill {
  readonly #clock: Clock;
  readonly #found: Stretch[] = [];
  #last: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#last = clock.now();
  }

  /** To be called every LOOK_MS. */
  look(): void {
    const began = this.#last;
    const ended = this.#clock.now();
    this.#last = ended;
    const passed = ended - began;
    if (passed <= 2 * LOOK_MS && passed >= -LOOK_MS) return;
    this.#found.push({ began, ended });
    if (this.#found.length > MOST) this.#found.shift();
  }

  /**
   * Tells of each stretch once, the oldest first. One that ends before it began means that the clock was set back, to its end.
   * @param tell rejects where it could not be told; then it is kept
   */
  async report(tell: (stretch: Stretch) => Promise<void>): Promise<void> {
    this.look();
    for (let first = this.#found[0]; first; first = this.#found[0]) {
      await tell(first);
      // Somebody else may have told it meanwhile.
      if (this.#found[0] === first) this.#found.shift();
    }
  }
}
