import type { Arrival } from "./arrival.ts";
import { dayOf } from "./day.ts";
import { emptyDay, type KnownDay, type KnownSubject } from "./known-subject.ts";
import { RANK } from "./rank.ts";
import { type Stretch, splitTime } from "./time-split.ts";

/** No stretch of one verdict is counted further back: a subject that was silent for years must not make thousands of rows. */
export const LONGEST_MS = 400 * 86_400_000;

/** Time of a day, by verdict. */
interface Times {
  up: number;
  down: number;
  unknown: number;
}

/** What of an event says for which time it accounts. */
type Moment = Pick<Arrival, "bearing" | "late" | "happened" | "received">;

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
 * Counts the time since the subject was last accounted for as what stood, up to when an event happened: ok and warning as up, critical as
 * down. The time in which nothing stood, and the gaps, count as nothing at all.
 *
 * Events are believed in the order in which they came, as intake believes them, but no time counts twice: an event that happened before what
 * is accounted for adds none, and what is accounted for beyond the moment in which it was received was counted by a wrong clock, and is
 * taken back.
 * @param touched the days that it changes are added to these
 * @returns whether the event is the last word on its subject
 */
export function account(
  subject: KnownSubject,
  moment: Moment,
  gaps: readonly Stretch[],
  touched: Set<KnownDay>,
): boolean {
  const { row } = subject;
  const { happened, received } = moment;
  if (isOutdated(moment, row.accounted)) return false;
  if (received < row.accounted) takeBack(subject, received, gaps, touched);
  if (happened <= row.accounted) return true;
  if (row.standing !== null)
    for (const { day, ms } of splitTime(longest(row.accounted, happened), gaps)) {
      const known = dayRow(subject, day);
      addTime(known.row, row.standing, ms);
      touched.add(known);
    }
  row.accounted = happened;
  return true;
}

/** Adds time of one verdict to a day. */
export function addTime(day: Times & { worst: number }, rank: number, ms: number): void {
  day[columnOf(rank)] += ms;
  day.worst = Math.max(day.worst, rank);
}

/** The days whose rows `account` and the counting of these events may touch. */
export function daysTouched({ row }: KnownSubject, moments: readonly Moment[]): ReadonlySet<number> {
  const days = new Set<number>();
  const addAll = (from: number, to: number) => {
    const { began, ended } = longest(from, to);
    for (let day = dayOf(began); day <= dayOf(ended); day++) days.add(day);
  };
  let { accounted } = row;
  let stands = row.standing !== null;
  for (const moment of moments) {
    const { bearing, happened, received } = moment;
    days.add(dayOf(happened));
    if (bearing === "nothing" || isOutdated(moment, accounted)) continue;
    if (received < accounted) addAll(received, accounted);
    const from = Math.min(received, accounted);
    if (stands && happened > from) addAll(from, happened);
    accounted = Math.max(from, happened);
    stands = bearing === "verdict" || (stands && bearing === "lost");
  }
  return days;
}

/** Whether an event is out of turn, and what came in turn is newer. */
function isOutdated({ late, happened }: Moment, accounted: number): boolean {
  return late && happened < accounted;
}

/** Takes back what is accounted for beyond a moment: time as what stands now first, then whatever there is, as nobody knows any more. */
function takeBack(
  subject: KnownSubject,
  from: number,
  gaps: readonly Stretch[],
  touched: Set<KnownDay>,
): void {
  const { row, days } = subject;
  const first = columnOf(row.standing ?? RANK.ok);
  for (const { day, ms } of splitTime(longest(from, row.accounted), gaps)) {
    const known = days.get(day);
    if (!known) continue;
    let rest = ms;
    for (const column of [first, "up", "unknown", "down"] as const) {
      const taken = Math.min(rest, known.row[column]);
      known.row[column] -= taken;
      rest -= taken;
    }
    touched.add(known);
  }
  row.accounted = from;
}

function longest(began: number, ended: number): Stretch {
  return { began: Math.max(began, ended - LONGEST_MS), ended };
}

function columnOf(rank: number): keyof Times {
  if (rank === RANK.critical) return "down";
  return rank === RANK.unknown ? "unknown" : "up";
}
