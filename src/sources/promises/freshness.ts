import cron from "node-cron";
import type { Schedule } from "../../plugin/index.ts";

/** How many periods may pass without a result. */
const PERIODS = 3;

/** Needs no calendar, and node-cron's takes 7 MB. */
const EVERY_MINUTE = /^\s*(?:\*\s+){4}\*\s*$/;
const MINUTE = 60_000;

interface Remembered {
  readonly minute: number;
  readonly due: number;
}

/**
 * Tells how long a promise may be silent. The answers for cron expressions are shared: they change once a minute, and a thousand promises
 * have a handful of expressions.
 */
export class Freshness {
  readonly #remembered = new Map<string, Remembered>();

  /**
   * @param slack milliseconds that a run may take beyond its due time: jitter, waiting, timeout
   * @param now milliseconds since the epoch
   * @returns milliseconds from now
   */
  allowance(schedule: Schedule, slack: number, now: number): number {
    if ("every" in schedule) return Math.max(PERIODS * schedule.every, schedule.every + slack);
    return this.#third(schedule.cron, schedule.timezone, now) - now + slack;
  }

  #third(expression: string, timezone: string | undefined, now: number): number {
    const minute = Math.floor(now / MINUTE);
    if (EVERY_MINUTE.test(expression)) return (minute + PERIODS) * MINUTE;
    const key = `${expression}\n${timezone ?? ""}`;
    const known = this.#remembered.get(key);
    if (known?.minute === minute) return known.due;
    if (this.#remembered.size > 1000) this.#remembered.clear();
    const task = cron.createTask(expression, () => {}, timezone === undefined ? {} : { timezone });
    // node-cron keeps each task in a list of the process until it is destroyed; the times can be asked for all the same.
    void task.destroy();
    const due = task.getNextRuns(PERIODS).at(-1)?.getTime() ?? now;
    this.#remembered.set(key, { minute, due });
    return due;
  }
}
