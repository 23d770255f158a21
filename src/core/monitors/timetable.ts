import type { Clock } from "../../plugin/index.ts";
import type { CronTimes } from "./schedule.ts";

/** When one monitor is due. All results are milliseconds from now; jitter is added by whoever waits. */
export interface Timetable {
  /** Milliseconds between two dues. */
  interval(): number;
  /** Begins with now as the first due. */
  begin(): void;
  /** By how much the due is past. Negative: the clock was set, and it is not due after all. */
  lateness(): number;
  /** Goes to the next due after now. What was missed meanwhile is left out. Returns the wait. */
  advance(): number;
  /**
   * Somebody set the clock, or the machine slept: wall time went ahead of monotonic time by so much (negative: behind).
   * Returns the new wait, 0 when it is overdue by that, undefined when nothing changes.
   */
  jumped(by: number): number | undefined;
}

/** Every so many milliseconds, on a grid of monotonic time that does not drift. */
export class IntervalTimetable implements Timetable {
  readonly #every: number;
  readonly #clock: Clock;
  #due = 0;

  constructor(every: number, clock: Clock) {
    this.#every = every;
    this.#clock = clock;
  }

  interval(): number {
    return this.#every;
  }

  begin(): void {
    this.#due = this.#clock.monotonic();
  }

  lateness(): number {
    return Math.max(0, this.#clock.monotonic() - this.#due);
  }

  advance(): number {
    const late = this.lateness();
    // On time: the next point of the grid. Late: the first one that is not within half an interval, so that no run follows another closely.
    const steps = late > this.#every / 2 ? Math.ceil(late / this.#every + 0.5) : 1;
    this.#due += steps * this.#every;
    return this.#due - this.#clock.monotonic();
  }

  /** Monotonic time stands still while a machine sleeps: what fell due meanwhile by the wall's time is overdue. */
  jumped(by: number): number | undefined {
    const now = this.#clock.monotonic();
    if (this.#due - now > by) return undefined;
    this.#due = now;
    return 0;
  }
}

/** At the times of a cron expression, by the wall clock. */
export class CronTimetable implements Timetable {
  readonly #times: CronTimes;
  readonly #clock: Clock;
  #due = 0;

  constructor(times: CronTimes, clock: Clock) {
    this.#times = times;
    this.#clock = clock;
  }

  interval(): number {
    return this.#times.distance(this.#clock.now());
  }

  begin(): void {
    this.#due = this.#clock.now();
  }

  lateness(): number {
    return this.#clock.now() - this.#due;
  }

  advance(): number {
    const now = this.#clock.now();
    this.#due = this.#times.next(now);
    return this.#due - now;
  }

  jumped(): number | undefined {
    return this.lateness() >= 0 ? 0 : this.advance();
  }
}
