import type { MaintenanceWindow } from "../config/model.ts";
import { CronCache } from "../monitors/schedule.ts";

/** A stretch of time, milliseconds since the epoch. */
export interface Span {
  readonly since: number;
  readonly until: number;
}

/** Tells when one maintenance window is in force. Times that overlap are one span, which ends with the last of them. */
export interface WindowTimes {
  /** The span that a time lies in, as far as it has begun by then; undefined outside. The end itself is outside. */
  at(now: number): Span | undefined;
}

const crons = new CronCache();

/** @throws LifeguardError `SCHEDULE_INVALID`; never for a window that was validated */
export function windowTimes({ when }: MaintenanceWindow): WindowTimes {
  if ("schedule" in when) return new ScheduledTimes(when);
  const { from: since, until } = when;
  return { at: (now) => (now >= since && now < until ? { since, until } : undefined) };
}

/** Looks back for the last beginning, and only at what has passed since it last looked. */
class ScheduledTimes implements WindowTimes {
  readonly #times;
  readonly #length: number;
  #looked = Number.NEGATIVE_INFINITY;
  #span: Span | undefined;

  constructor({ schedule, timezone, for: length }: Extract<MaintenanceWindow["when"], { schedule: string }>) {
    this.#times = crons.times(schedule, timezone);
    this.#length = length;
  }

  at(now: number): Span | undefined {
    // Somebody set the clock back: what was found belongs to a time to come.
    if (now < this.#looked) this.#span = undefined;
    const after = now < this.#looked ? now - this.#length : Math.max(this.#looked, now - this.#length);
    const begun = this.#times.last(now, after);
    if (begun !== undefined) {
      const since = this.#span && begun <= this.#span.until ? this.#span.since : begun;
      this.#span = { since, until: begun + this.#length };
    }
    this.#looked = now;
    return this.#span && now < this.#span.until ? this.#span : undefined;
  }
}
