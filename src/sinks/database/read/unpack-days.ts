import type { Board, HistoryDay, SubjectDays } from "../../../plugin/index.ts";
import { addTime, LONGEST_MS } from "../store/accounting.ts";
import { dayText } from "../store/day.ts";
import { Gaps } from "../store/gaps.ts";
import { statusOf } from "../store/rank.ts";
import { splitTime } from "../store/time-split.ts";
import { CELL, type CellOwner, type DayCells } from "./day-cells.ts";

interface Range {
  readonly first: number;
  readonly last: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly board: Pick<Board, "find">;
}

interface Cell {
  up: number;
  down: number;
  unknown: number;
  /** Rank. */
  worst: number;
  readonly counts: HistoryDay["counts"];
  readonly latency: HistoryDay["latency"];
}

const NO_COUNTS: HistoryDay["counts"] = Object.freeze({ critical: 0, warning: 0, unknown: 0, ok: 0 });

/** Makes whole calendars of packed days, the time since each subject's last event included as far as the board knows that it stands. */
export function unpackDays({ subjects, cells, gaps: rows }: DayCells, range: Range): readonly SubjectDays[] {
  const calendars = subjects.map(() => new Map<number, Cell>());
  for (let at = 0; at < cells.length; at += CELL)
    calendars[cells[at] as number]?.set(cells[at + 1] as number, cellAt(cells, at));
  const gaps = new Gaps(rows);
  const names: string[] = [];
  for (let day = range.first; day <= range.last; day++) names.push(dayText(day));
  return subjects.map((owner, place) => {
    const calendar = calendars[place] as Map<number, Cell>;
    addTail(calendar, owner, gaps, range);
    return subjectDays(owner, calendar, range.first, names);
  });
}

/** Reads a row, in the order of DAY_COLUMNS. */
function cellAt(cells: Float64Array, at: number): Cell {
  const number = (column: number) => cells[at + column] as number;
  const p50 = number(10);
  return {
    up: number(2),
    down: number(3),
    unknown: number(4),
    worst: number(9),
    counts: { critical: number(8), warning: number(6), unknown: number(7), ok: number(5) },
    latency: Number.isNaN(p50) ? null : { p50, p95: number(11) },
  };
}

/** What stood at the last event still stands, as long as the board vouches for it: until it was seen last where that is not now. */
function addTail(
  calendar: Map<number, Cell>,
  owner: CellOwner,
  gaps: Gaps,
  { board, now, last }: Range,
): void {
  const { subject, source, origin, accounted, standing } = owner;
  if (standing === null) return;
  const states = board.find(subject);
  const state = states.find((one) => one.source === source && one.origin === origin);
  if (!state) return;
  const own = gaps.of(owner, accounted);
  // The board vouched for what a failing source watches until it failed, which is where the gap begins.
  const vouched = state.stale === null || own.some((gap) => gap.ended > now);
  const ended = vouched ? now : Math.min(now, Date.parse(state.seen));
  const began = Math.max(accounted, ended - LONGEST_MS);
  for (const { day, ms } of splitTime({ began, ended }, own)) {
    if (day > last) break;
    let cell = calendar.get(day);
    if (!cell) {
      cell = { up: 0, down: 0, unknown: 0, worst: 0, counts: NO_COUNTS, latency: null };
      calendar.set(day, cell);
    }
    addTime(cell, standing, ms);
  }
}

/** @param names of the days from `first` on */
function subjectDays(
  { origin, source, subject }: CellOwner,
  calendar: ReadonlyMap<number, Cell>,
  first: number,
  names: readonly string[],
): SubjectDays {
  let [up, down] = [0, 0];
  const days = names.map((name, index) => {
    const cell = calendar.get(first + index);
    if (!cell) return emptyDay(name);
    up += cell.up;
    down += cell.down;
    return historyDay(name, cell);
  });
  return { origin, source, subject, uptime: shareOf(up, down), days };
}

function historyDay(day: string, { up, down, unknown, counts, latency, worst }: Cell): HistoryDay {
  const events = counts.critical + counts.warning + counts.unknown + counts.ok;
  const known = events > 0 || up + down + unknown > 0;
  return {
    day,
    worst: known ? statusOf(worst) : null,
    uptime: shareOf(up, down),
    up,
    down,
    unknown,
    counts,
    latency,
  };
}

function emptyDay(day: string): HistoryDay {
  return { day, worst: null, uptime: null, up: 0, down: 0, unknown: 0, counts: NO_COUNTS, latency: null };
}

function shareOf(up: number, down: number): number | null {
  return up + down === 0 ? null : up / (up + down);
}
