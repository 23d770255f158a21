import type { MaintenanceWindow } from "../config/model.ts";
import { CronCache, type CronTimes } from "../monitors/schedule.ts";
import { setForward } from "./clock-change.ts";

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

/** Milliseconds: no time zone leaves out more at once when its clocks are set forward. */
const LONGEST_GAP = 2 * 3_600_000;

const crons = new CronCache();

/** @throws LifeguardError `SCHEDULE_INVALID`; never for a window that was validated */
export function windowTimes({ when }: Pick<MaintenanceWindow, "when">): WindowTimes {
  if ("schedule" in when) return new ScheduledTimes(when);
  const { from: since, until } = when;
  return { at: (now) => (now >= since && now < until ? { since, until } : undefined) };
}

/**
 * Looks back for the last beginning, and only at what has passed since it last looked.
 *
 * Where the clocks are set back, what begins in the hour that comes twice begins twice. Where they are set forward, what would begin in the
 * hour that is left out begins as if they had not been set: a night without its window would wake people for nothing.
 */
class ScheduledTimes implements WindowTimes {
  readonly #times: CronTimes;
  /** Of local times that are taken for UTC. */
  readonly #localTimes: CronTimes;
  readonly #timezone: string | undefined;
  readonly #length: number;
  #looked = Number.NEGATIVE_INFINITY;
  #span: Span | undefined;

  constructor({ schedule, timezone, for: length }: Extract<MaintenanceWindow["when"], { schedule: string }>) {
    this.#times = crons.times(schedule, timezone);
    this.#localTimes = crons.times(schedule, "UTC");
    this.#timezone = timezone;
    this.#length = length;
  }

  at(now: number): Span | undefined {
    // Somebody set the clock back: what was found belongs to a time to come.
    if (now < this.#looked) {
      this.#span = undefined;
      this.#looked = Number.NEGATIVE_INFINITY;
    }
    const begun = now > this.#looked && this.#last(now, Math.max(this.#looked, now - this.#length));
    if (begun) {
      const since = this.#span && begun <= this.#span.until ? this.#span.since : begun;
      this.#span = { since, until: begun + this.#length };
    }
    this.#looked = now;
    return this.#span && now < this.#span.until ? this.#span : undefined;
  }

  /** The last beginning up to now and later than `after`; undefined where there is none. */
  #last(now: number, after: number): number | undefined {
    const change = setForward(after - LONGEST_GAP, now, this.#timezone);
    const found = this.#times.last(now, after);
    if (!change) return found;
    const { at, before, gap } = change;
    const leftOut = this.#localTimes.last(
      Math.min(now, at + gap - 1) + before,
      Math.max(after, at - 1) + before,
    );
    if (leftOut === undefined) return found;
    return Math.max(found ?? Number.NEGATIVE_INFINITY, leftOut - before);
  }
}
