const MINUTE = 60_000;

/** The moment when a time zone's clocks were set forward. All in milliseconds, `at` since the epoch. */
export interface ClockChange {
  readonly at: number;
  /** By how much local time was ahead of UTC before. */
  readonly before: number;
  /** How much local time was left out. */
  readonly gap: number;
}

/**
 * Finds out whether the clocks of a time zone were set forward between two times, to the minute.
 * @param from milliseconds since the epoch, as is `to`; at most some weeks apart
 * @param timezone IANA name; absent: the machine's
 */
export function setForward(from: number, to: number, timezone?: string): ClockChange | undefined {
  let low = Math.floor(from / MINUTE) * MINUTE;
  let high = Math.floor(to / MINUTE) * MINUTE;
  const before = aheadOfUtc(low, timezone);
  const gap = aheadOfUtc(high, timezone) - before;
  if (gap <= 0) return undefined;
  while (high - low > MINUTE) {
    const middle = Math.floor((low + high) / 2 / MINUTE) * MINUTE;
    if (aheadOfUtc(middle, timezone) > before) high = middle;
    else low = middle;
  }
  return { at: high, before, gap };
}

const calendars = new Map<string | undefined, Intl.DateTimeFormat>();

/** By how many milliseconds local time is ahead of UTC. @param minute a full one, milliseconds since the epoch */
function aheadOfUtc(minute: number, timezone: string | undefined): number {
  let calendar = calendars.get(timezone);
  if (!calendar) {
    calendar = new Intl.DateTimeFormat("en-US", {
      timeZone: timezone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
    });
    calendars.set(timezone, calendar);
  }
  const parts = new Map(calendar.formatToParts(minute).map(({ type, value }) => [type, Number(value)]));
  const of = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) as number;
  return Date.UTC(of("year"), of("month") - 1, of("day"), of("hour"), of("minute")) - minute;
}
