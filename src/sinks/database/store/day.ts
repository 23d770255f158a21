/** Milliseconds of a day. Days are days in UTC, which all have as many. */
export const DAY_MS = 86_400_000;

/** The number of the day in UTC that a time lies in. @param time milliseconds since the epoch */
export function dayOf(time: number): number {
  return Math.floor(time / DAY_MS);
}

/** `2026-01-31` of a day's number. */
export function dayText(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}
