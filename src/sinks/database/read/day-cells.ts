import type { SubjectTable } from "../store/tables.ts";

/** Whose days, and what of its time is not in them yet. */
export type CellOwner = Pick<SubjectTable, "id" | "origin" | "source" | "subject" | "accounted" | "standing">;

/** Days of some subjects on their way between threads: plain numbers, which cost next to nothing to hand over. */
export interface DayCells {
  readonly subjects: readonly CellOwner[];
  /** CELL numbers a row, as `packDays` writes them. */
  readonly cells: Float64Array;
  readonly next: string | null;
}

/** The columns of `days` that make a row, in its order. */
export const DAY_COLUMNS = [
  "subject_id",
  "day",
  "up",
  "down",
  "unknown",
  "oks",
  "warnings",
  "unknowns",
  "criticals",
  "worst",
  "p50",
  "p95",
] as const;

/** Numbers of a row: those of DAY_COLUMNS, with the place of the subject in the list instead of its id, and NaN where there is none. */
export const CELL = DAY_COLUMNS.length;

/** Packs rows. @param rows values in the order of DAY_COLUMNS */
export function packDays(
  subjects: readonly CellOwner[],
  rows: readonly (readonly (number | null)[])[],
): { readonly subjects: readonly CellOwner[]; readonly cells: Float64Array } {
  const places = new Map(subjects.map(({ id }, place) => [id, place]));
  const cells = new Float64Array(rows.length * CELL);
  let at = 0;
  for (const row of rows) {
    cells[at] = places.get(row[0] as number) as number;
    for (let column = 1; column < CELL; column++) cells[at + column] = row[column] ?? Number.NaN;
    at += CELL;
  }
  return {
    subjects: subjects.map(({ id, origin, source, subject, accounted, standing }) => ({
      id,
      origin,
      source,
      subject,
      accounted,
      standing,
    })),
    cells,
  };
}
