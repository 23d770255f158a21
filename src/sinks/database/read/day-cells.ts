import type { GapTable, SubjectTable } from "../store/tables.ts";

/** Whose days, and what of its time is not in them yet. */
export type CellOwner = Pick<SubjectTable, "id" | "origin" | "source" | "subject" | "accounted" | "standing">;

/** Days of some subjects on their way between threads: plain numbers, which cost next to nothing to hand over. */
export interface DayCells {
  readonly subjects: readonly CellOwner[];
  /** CELL numbers a row, as `packDays` writes them. */
  readonly cells: Float64Array;
  /** Those that reach into what is not in the days yet. */
  readonly gaps: readonly GapTable[];
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

/** Packs days. @param columns the values of each of DAY_COLUMNS, in its order */
export function packDays(
  subjects: readonly CellOwner[],
  columns: readonly (readonly (number | null)[])[],
): { readonly subjects: readonly CellOwner[]; readonly cells: Float64Array } {
  const places = new Map(subjects.map(({ id }, place) => [id, place]));
  const [ids = [], ...others] = columns;
  const cells = new Float64Array(ids.length * CELL);
  for (const [row, id] of ids.entries()) cells[row * CELL] = places.get(id as number) as number;
  for (const [index, values] of others.entries())
    for (const [row, value] of values.entries()) cells[row * CELL + index + 1] = value ?? Number.NaN;
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
