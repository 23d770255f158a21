import type { Clock } from "../plugin/index.ts";

interface Timer {
  readonly due: number;
  readonly order: number;
  readonly callback: () => void;
}

/**
 * A clock that stands still until a test advances it. Timers fire in order of their due time, each at its own instant, and promises that
 * they resolve run before the next one fires.
 */
export class FakeClock implements Clock {
  #wall: number;
  #monotonic = 0;
  #order = 0;
  readonly #timers = new Set<Timer>();

  /** @param start wall-clock time to begin at, milliseconds since the epoch or RFC 3339 */
  constructor(start: number | string = "2026-01-01T00:00:00.000Z") {
    this.#wall = typeof start === "number" ? start : Date.parse(start);
  }

  now(): number {
    return this.#wall;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  /** How many timers wait; a test of teardown expects none. */
  get pending(): number {
    return this.#timers.size;
  }

  setTimeout(callback: () => void, ms: number, signal?: AbortSignal): () => void {
    if (signal?.aborted) return () => {};
    const timer: Timer = { due: this.#monotonic + Math.max(0, ms), order: this.#order++, callback };
    const cancel = () => {
      this.#timers.delete(timer);
      signal?.removeEventListener("abort", cancel);
    };
    this.#timers.add(timer);
    signal?.addEventListener("abort", cancel, { once: true });
    return cancel;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const abort = () => {
        cancel();
        reject(signal?.reason);
      };
      const cancel = this.setTimeout(() => {
        signal?.removeEventListener("abort", abort);
        resolve();
      }, ms);
      signal?.addEventListener("abort", abort, { once: true });
    });
  }

  /** Moves both clocks forward, firing what falls due on the way. */
  async advance(ms: number): Promise<void> {
    const end = this.#monotonic + ms;
    await settle();
    for (let next = this.#next(end); next; next = this.#next(end)) {
      this.#timers.delete(next);
      this.#moveTo(Math.max(next.due, this.#monotonic));
      next.callback();
      await settle();
    }
    this.#moveTo(end);
    await settle();
  }

  /** Sets the wall clock, as a person or NTP does: durations are not touched. */
  setWall(time: number | string): void {
    this.#wall = typeof time === "number" ? time : Date.parse(time);
  }

  #moveTo(monotonic: number): void {
    this.#wall += monotonic - this.#monotonic;
    this.#monotonic = monotonic;
  }

  #next(end: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers)
      if (
        timer.due <= end &&
        (!next || timer.due < next.due || (timer.due === next.due && timer.order < next.order))
      )
        next = timer;
    return next;
  }
}

/** Lets everything that promises made ready run. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
