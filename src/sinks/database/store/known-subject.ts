import type { LatencySketch } from "./latency-sketch.ts";
import type { DayTable, EpisodeTable, SubjectTable } from "./tables.ts";

/** A row in memory, and whether the database has it. */
export interface Known<Row> {
  readonly row: Row;
  /** Whether the database has no such row yet. */
  isNew: boolean;
}

/** A day of a subject while it is being added to. */
export interface KnownDay extends Known<DayTable> {
  /** Parsed when something timed comes. */
  sketch: LatencySketch | null;
}

/** What a writer remembers of a subject between batches, so that it need not be read again. */
export interface KnownSubject extends Known<SubjectTable> {
  readonly days: Map<number, KnownDay>;
  /** Ids of its series by name and unit; null until they are read. */
  series: Map<string, number> | null;
  /** Those that last. */
  readonly episodes: Map<string, Known<EpisodeTable>>;
}

/** A row of `days` in which nothing happened yet. */
export function emptyDay(subjectId: number, day: number): DayTable {
  return {
    subject_id: subjectId,
    day,
    up: 0,
    down: 0,
    unknown: 0,
    oks: 0,
    warnings: 0,
    unknowns: 0,
    criticals: 0,
    worst: 0,
    latency: null,
    p50: null,
    p95: null,
  };
}
