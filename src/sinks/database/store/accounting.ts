import { dayOf } from "./day.ts";
import { emptyDay, type KnownDay, type KnownSubject } from "./known-subject.ts";
import { RANK } from "./rank.ts";
import { type Stretch, splitTime } from "./time-split.ts";

/** No stretch of one verdict is counted further back: a subject that was silent for years must not make thousands of rows. */
export const LONGEST_MS = 400 * 86_400_000;

/** The row of a day, new where there is none. */
export function dayRow(subject: KnownSubject, day: number): KnownDay {
  let known = subject.days.get(day);
  if (!known) {
    known = { row: emptyDay(subject.row.id, day), isNew: true, sketch: null };
    subject.days.set(day, known);
  }
  return known;
}

/**
 * Counts the time since the subject was last accounted for as what stood, up to `until`: ok and warning as up, critical as down. The time
 * in which nothing stood, and the gaps, count as nothing at all.
 * @param until milliseconds since the epoch; a time before the last one changes nothing
 * @param touched the days that it changes are added to these
 * @returns whether `until` was not before the last time
 */
export function account(
  subject: KnownSubject,
  until: number,
  gaps: readonly Stretch[],
  touched: Set<KnownDay>,
): boolean {
  const { row } = subject;
  if (until < row.accounted) return false;
  if (row.standing !== null) {
    const began = Math.max(row.accounted, until - LONGEST_MS);
    for (const { day, ms } of splitTime({ began, ended: until }, gaps)) {
      const known = dayRow(subject, day);
      addTime(known.row, row.standing, ms);
      touched.add(known);
    }
  }
  row.accounted = until;
  return true;
}

/** Adds time of one verdict to a day. */
export function addTime(
  day: { up: number; down: number; unknown: number; worst: number },
  rank: number,
  ms: number,
): void {
  if (rank === RANK.critical) day.down += ms;
  else if (rank === RANK.unknown) day.unknown += ms;
  else day.up += ms;
  day.worst = Math.max(day.worst, rank);
}

/** The days whose rows `account` and the counting of events at these times may touch. */
export function daysTouched(subject: KnownSubject, times: readonly number[]): ReadonlySet<number> {
  const days = new Set(times.map(dayOf));
  const last = Math.max(...times);
  const from = subject.row.standing === null ? Math.min(...times) : subject.row.accounted;
  for (let day = dayOf(Math.max(from, last - LONGEST_MS)); day < dayOf(last); day++) days.add(day);
  return days;
}
