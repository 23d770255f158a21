import type { DayTable, EpisodeTable, GapTable, SeriesTable, SubjectTable, WriterTable } from "./tables.ts";

/** A row of `events`, in the order of EVENT_COLUMNS. */
export type EventRow = readonly (string | number | null)[];
/** A row of `measures`: series, time, seq, value. */
export type MeasureRow = readonly [series: number, time: number, seq: number, value: number];

/** The columns of `events` in the order in which rows are written. */
export const EVENT_COLUMNS = [
  "seq",
  "id",
  "subject_id",
  "time",
  "received",
  "type",
  "status",
  "state",
  "message",
  "change",
  "previous",
  "since",
  "episode",
  "labels",
  "measures",
  "data",
] as const;

/** Everything that one batch writes. Rows of `subjects`, `episodes` and `days` replace those with the same key. */
export interface BatchRows {
  readonly writer: Readonly<WriterTable>;
  readonly watcher: { readonly origin: string; readonly watched: number } | null;
  readonly gap: Readonly<GapTable> | null;
  readonly events: readonly EventRow[];
  readonly measures: readonly MeasureRow[];
  readonly series: readonly Readonly<SeriesTable>[];
  readonly subjects: readonly Readonly<SubjectTable>[];
  readonly episodes: readonly Readonly<EpisodeTable>[];
  readonly days: readonly Readonly<DayTable>[];
}

/** Names a row of `days`. */
export type DayKey = Readonly<Pick<DayTable, "subject_id" | "day">>;

/** One transaction of a batch, in which no other writer is at work. */
export interface BulkTransaction {
  writer(): Promise<WriterTable>;
  watched(origin: string): Promise<number | null>;
  gaps(origin: string): Promise<readonly GapTable[]>;
  /** Which of these ids are in `events`. */
  known(ids: readonly string[]): Promise<ReadonlySet<string>>;
  subjects(keys: readonly string[]): Promise<readonly SubjectTable[]>;
  series(subjectIds: readonly number[]): Promise<readonly SeriesTable[]>;
  days(keys: readonly DayKey[]): Promise<readonly DayTable[]>;
  episodes(ids: readonly string[]): Promise<readonly EpisodeTable[]>;
  save(rows: BatchRows): Promise<void>;
}

/** The fast way into one kind of database. */
export interface Bulk {
  /**
   * Runs `work` in a transaction, after every other writer's. It is committed when the result resolves and rolled back when it rejects.
   * @param signal gives up: the transaction is rolled back
   */
  transaction<Result>(
    work: (transaction: BulkTransaction) => Promise<Result>,
    signal?: AbortSignal,
  ): Promise<Result>;
}
