import { FieldError } from "./draft-error.ts";

const RFC3339 =
  /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;

/**
 * Brings a time to RFC 3339 in UTC with milliseconds and `Z`.
 * @param time a Date, or RFC 3339 with any offset
 * @throws FieldError for anything else
 */
export function timestamp(time: unknown): string {
  if (time instanceof Date) {
    if (Number.isNaN(time.getTime())) throw new FieldError("time", "not a valid Date");
    return time.toISOString();
  }
  const parts = typeof time === "string" ? RFC3339.exec(time) : null;
  const utc = parts && toUtc(parts);
  if (!utc) throw new FieldError("time", "expected a Date or RFC 3339, such as 2026-01-31T12:00:00Z");
  return utc;
}

function toUtc(parts: RegExpExecArray): string | null {
  const [, year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(0, 7).map(Number);
  const [fraction = "", sign, offsetHours = "0", offsetMinutes = "0"] = parts.slice(7);
  const offset = (Number(offsetHours) * 60 + Number(offsetMinutes)) * (sign === "-" ? -1 : 1);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  // A day that the month does not have rolls over into the next.
  const valid =
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    hour <= 23 &&
    minute <= 59 &&
    second <= 60 && // a leap second
    Number(offsetHours) <= 23 &&
    Number(offsetMinutes) <= 59;
  if (!valid) return null;
  date.setUTCHours(hour, minute - offset, second, Number(fraction.padEnd(3, "0").slice(0, 3)));
  const text = date.toISOString();
  return text.length === "2026-01-01T00:00:00.000Z".length ? text : null;
}
