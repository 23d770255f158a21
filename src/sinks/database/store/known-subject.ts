import type { LatencySketch } from "./latency-sketch.ts";
import type { DayTable, EpisodeTable, SubjectTable } from "./tables.ts";

/** A day of a subject while it is being added to. */
export interface KnownDay {
  readonly row: DayTable;
  /** Parsed when something timed comes. */
  sketch: LatencySketch | null;
}

/** What a writer remembers of a subject between batches, so that it need not be read again. */
export interface KnownSubject {
  readonly row: SubjectTable;
  readonly days: Map<number, KnownDay>;
  /** Ids of its series by name and unit; null until they are read. */
  series: Map<string, number> | null;
  /** The last episode that was touched. */
  readonly episodes: Map<string, EpisodeTable>;
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
  };
}
