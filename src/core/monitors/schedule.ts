import cron, { type ScheduledTask } from "node-cron";
import { type Clock, cronProblem, LifeguardError, type Schedule } from "../../plugin/index.ts";

const MINUTE = 60_000;

/** How far ahead, in milliseconds, the hour that a clock change repeats is looked for. */
const REPEATED_HOUR = 120 * MINUTE;

/** The commonest expression. Its times are the same in every time zone, and need none of node-cron's calendars, which take 7 MB. */
const EVERY_MINUTE = /^\s*(?:\*\s+){4}\*\s*$/;

/** Expressions remembered; beyond it sharing starts again. */
const REMEMBERED = 1000;

/**
 * The times of one cron expression in one time zone. node-cron computes them from `Date`; its tasks are never started.
 *
 * Where an hour comes twice (the end of summer time), an expression for every hour runs through both, and one that names its hours
 * runs once. In the hour that is left out (its beginning), one that names it does not run that day.
 */
export class CronTimes {
  /** Null: every minute. */
  readonly #task: ScheduledTask | null = null;
  readonly #everyHour: boolean = true;
  /** Its minutes within a quarter of an hour: time zones differ by whole quarters. */
  readonly #quarterMinutes: ReadonlySet<number> = new Set();
  #from = Number.POSITIVE_INFINITY;
  #next = Number.NEGATIVE_INFINITY;
  #distance = 0;

  /**
   * @param timezone IANA name; absent: the machine's
   * @throws LifeguardError `SCHEDULE_INVALID` when the expression has not five valid fields or never comes, or the zone is unknown
   */
  constructor(expression: string, timezone?: string) {
    const problem = cronProblem(expression);
    if (problem) throw new LifeguardError("SCHEDULE_INVALID", problem);
    if (timezone !== undefined && !isTimezone(timezone))
      throw new LifeguardError(
        "SCHEDULE_INVALID",
        `unknown time zone "${timezone}": write an IANA name such as Europe/Berlin`,
      );
    if (EVERY_MINUTE.test(expression)) return;
    this.#task = cron.createTask(expression, () => {}, timezone === undefined ? {} : { timezone });
    // node-cron keeps each task in a list of the process until it is destroyed; the times can be asked for all the same.
    this.#task.destroy();
    const { hour, minute } = cron.parse(expression);
    this.#everyHour = hour.length === 24;
    this.#quarterMinutes = new Set(minute.map((of) => of % 15));
    try {
      this.#task.getNextRuns(1);
    } catch (cause) {
      throw new LifeguardError("SCHEDULE_INVALID", `the cron expression "${expression}" never comes`, {
        cause,
      });
    }
  }

  /** The first time after now, milliseconds since the epoch. Asked again before that time, it costs a comparison. */
  next(now: number): number {
    if (!this.#task) return nextMinute(now);
    if (now < this.#from || now >= this.#next) {
      const [first, second] = this.#task.getNextRuns(2) as [Date, Date];
      this.#next = this.#repeated(now, first.getTime()) ?? first.getTime();
      this.#distance = second.getTime() - first.getTime();
      this.#from = now;
    }
    return this.#next;
  }

  /** Milliseconds between the next two times after now: what an interval is to other schedules. */
  distance(now: number): number {
    if (!this.#task) return MINUTE;
    this.next(now);
    return this.#distance;
  }

  /**
   * The last time up to now and later than `after`, undefined where there is none. Where an hour comes twice, both times of it count.
   * @param now milliseconds since the epoch, as is `after`
   */
  last(now: number, after: number): number | undefined {
    for (let minute = Math.floor(now / MINUTE) * MINUTE; minute > after; minute -= MINUTE)
      if (!this.#task || (this.#maybe(minute) && this.#task.match(new Date(minute)))) return minute;
    return undefined;
  }

  /** The next times after now, soonest first. */
  upcoming(now: number, count: number): Date[] {
    const next = this.next(now);
    if (!this.#task) return Array.from({ length: count }, (_, index) => new Date(next + index * MINUTE));
    const later = this.#task.getNextRuns(count).filter((time) => time.getTime() > next);
    return [new Date(next), ...later].slice(0, count);
  }

  /** Whether a minute may match; most of those that do not are told apart without node-cron's calendar, which is slow. */
  #maybe(minute: number): boolean {
    return this.#quarterMinutes.has((minute / MINUTE) % 15);
  }

  /** node-cron jumps over the hour that comes twice: a minute that matches before its answer is the right one. */
  #repeated(now: number, found: number): number | undefined {
    if (!this.#everyHour) return undefined;
    const end = Math.min(found, now + REPEATED_HOUR);
    for (let minute = nextMinute(now); minute < end; minute += MINUTE)
      if (this.#task?.match(new Date(minute))) return minute;
    return undefined;
  }
}

function nextMinute(now: number): number {
  return Math.floor(now / MINUTE + 1) * MINUTE;
}

/** Shares the times of equal expressions: a thousand promises on `* * * * *` compute once a minute. */
export class CronCache {
  readonly #known = new Map<string, CronTimes>();

  /** @throws LifeguardError `SCHEDULE_INVALID` */
  times(expression: string, timezone?: string): CronTimes {
    const key = `${expression}\n${timezone ?? ""}`;
    let times = this.#known.get(key);
    if (!times) {
      times = new CronTimes(expression, timezone);
      if (this.#known.size >= REMEMBERED) this.#known.clear();
      this.#known.set(key, times);
    }
    return times;
  }
}

/**
 * When a schedule would run next, for people to read; jitter left out.
 * @throws LifeguardError `SCHEDULE_INVALID`
 */
export function upcoming(schedule: Schedule, count: number, clock: Clock): Date[] {
  if ("cron" in schedule) return new CronTimes(schedule.cron, schedule.timezone).upcoming(clock.now(), count);
  return Array.from({ length: count }, (_, index) => new Date(clock.now() + schedule.every * (index + 1)));
}

/** Whether the name of a time zone is known here. */
export function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
