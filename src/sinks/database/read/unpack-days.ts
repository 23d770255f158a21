import type { Board, HistoryDay, SubjectDays } from "../../../plugin/index.ts";
import { addTime, LONGEST_MS } from "../store/accounting.ts";
import { dayText } from "../store/day.ts";
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

interface Sums {
  up: number;
  down: number;
  unknown: number;
  /** Rank. */
  worst: number;
}

interface Cell extends Sums {
  readonly counts: HistoryDay["counts"];
  readonly latency: HistoryDay["latency"];
}

const NO_COUNTS: HistoryDay["counts"] = Object.freeze({ critical: 0, warning: 0, unknown: 0, ok: 0 });

/** Makes whole calendars of packed days, the time since each subject's last event included as far as the board knows that it stands. */
export function unpackDays({ subjects, cells }: DayCells, range: Range): readonly SubjectDays[] {
  const calendars = subjects.map(() => new Map<number, Cell>());
  for (let at = 0; at < cells.length; at += CELL) {
    const [place, day, ...rest] = cells.subarray(at, at + CELL) as unknown as number[];
    calendars[place as number]?.set(day as number, cellOf(rest));
  }
  return subjects.map((owner, place) => {
    const calendar = calendars[place] as Map<number, Cell>;
    addTail(calendar, owner, range);
    return subjectDays(owner, calendar, range);
  });
}

function cellOf(numbers: readonly number[]): Cell {
  const [up, down, unknown, ok, warning, unknowns, critical, worst, p50, p95] = numbers as [
    up: number,
    down: number,
    unknown: number,
    ok: number,
    warning: number,
    unknowns: number,
    critical: number,
    worst: number,
    p50: number,
    p95: number,
  ];
  return {
    up,
    down,
    unknown,
    worst,
    counts: { critical, warning, unknown: unknowns, ok },
    latency: Number.isNaN(p50) ? null : { p50, p95 },
  };
}

/** What stood at the last event still stands, if the board trusts it; what it does not vouch for counts as nothing. */
function addTail(calendar: Map<number, Cell>, owner: CellOwner, { board, now, last }: Range): void {
  const { subject, source, origin, accounted, standing } = owner;
  if (standing === null) return;
  const states = board.find(subject);
  const state = states.find((one) => one.source === source && one.origin === origin);
  if (!state || state.stale !== null) return;
  const began = Math.max(accounted, now - LONGEST_MS);
  for (const { day, ms } of splitTime({ began, ended: now }, [])) {
    if (day > last) break;
    let cell = calendar.get(day);
    if (!cell) {
      cell = { up: 0, down: 0, unknown: 0, worst: 0, counts: NO_COUNTS, latency: null };
      calendar.set(day, cell);
    }
    addTime(cell, standing, ms);
  }
}

function subjectDays(
  { origin, source, subject }: CellOwner,
  calendar: ReadonlyMap<number, Cell>,
  { first, last }: Range,
): SubjectDays {
  const days: HistoryDay[] = [];
  let [up, down] = [0, 0];
  for (let day = first; day <= last; day++) {
    const cell = calendar.get(day);
    if (cell) {
      up += cell.up;
      down += cell.down;
    }
    days.push(historyDay(day, cell));
  }
  return { origin, source, subject, uptime: shareOf(up, down), days };
}

function historyDay(day: number, cell: Cell | undefined): HistoryDay {
  const { up = 0, down = 0, unknown = 0, counts = NO_COUNTS, latency = null } = cell ?? {};
  const events = counts.critical + counts.warning + counts.unknown + counts.ok;
  const known = events > 0 || up + down + unknown > 0;
  return {
    day: dayText(day),
    worst: cell && known ? statusOf(cell.worst) : null,
    uptime: shareOf(up, down),
    up,
    down,
    unknown,
    counts,
    latency,
  };
}

function shareOf(up: number, down: number): number | null {
  return up + down === 0 ? null : up / (up + down);
}
