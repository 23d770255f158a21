import type { LatencySketch } from "../store/latency-sketch.ts";
import type { DayTable, SubjectTable } from "../store/tables.ts";

/** Whose days, and what of its time is not in them yet. */
export type CellOwner = Pick<SubjectTable, "id" | "origin" | "source" | "subject" | "accounted" | "standing">;

/** Days of some subjects on their way between threads: plain numbers, which cost next to nothing to hand over. */
export interface DayCells {
  readonly subjects: readonly CellOwner[];
  /** CELL numbers a row, as `packDays` writes them. */
  readonly cells: Float64Array;
  readonly next: string | null;
}

/** Numbers of a row: place of the subject, day, up, down, unknown, the four counts, worst, p50, p95 (NaN: none). */
export const CELL = 12;

/** Packs rows. @param parse reads a sketch */
export function packDays(
  subjects: readonly CellOwner[],
  rows: readonly DayTable[],
  parse: (text: string | null) => LatencySketch,
): { readonly subjects: readonly CellOwner[]; readonly cells: Float64Array } {
  const places = new Map(subjects.map(({ id }, place) => [id, place]));
  const cells = new Float64Array(rows.length * CELL);
  for (const [index, row] of rows.entries()) {
    const sketch = row.latency === null ? null : parse(row.latency);
    cells.set(
      [
        places.get(row.subject_id) as number,
        row.day,
        row.up,
        row.down,
        row.unknown,
        row.oks,
        row.warnings,
        row.unknowns,
        row.criticals,
        row.worst,
        sketch?.quantile(0.5) ?? Number.NaN,
        sketch?.quantile(0.95) ?? Number.NaN,
      ],
      index * CELL,
    );
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
