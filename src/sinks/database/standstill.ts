import type { Clock } from "../../plugin/index.ts";
import type { Stretch } from "./store/time-split.ts";

/** How often it is looked whether the time has gone on. */
const LOOK_MS = 5000;
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

  /** Looks again and again. @param found called when there is something to tell. Rejects with the signal's reason when that aborts. */
  async watch(found: () => void, signal: AbortSignal): Promise<never> {
    for (;;) {
      await this.#clock.sleep(LOOK_MS, signal);
      this.#look();
      if (this.#found.length > 0) found();
    }
  }

  /**
   * Tells of each stretch once, the oldest first. One that ends before it began means that the clock was set back, to its end.
   * @param tell rejects where it could not be told; then it is kept
   */
  async report(tell: (stretch: Stretch) => Promise<void>): Promise<void> {
    this.#look();
    for (let first = this.#found[0]; first; first = this.#found[0]) {
      await tell(first);
      // Somebody else may have told it meanwhile.
      if (this.#found[0] === first) this.#found.shift();
    }
  }

  #look(): void {
    const began = this.#last;
    const ended = this.#clock.now();
    this.#last = ended;
    const passed = ended - began;
    if (passed <= 2 * LOOK_MS && passed >= -LOOK_MS) return;
    this.#found.push({ began, ended });
    if (this.#found.length > MOST) this.#found.shift();
  }
}
