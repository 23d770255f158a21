import type { NamedEventRow } from "./past-event.ts";
import type {
  DayTable,
  EpisodeTable,
  GapTable,
  SeriesTable,
  SubjectTable,
  WatcherTable,
  WriterTable,
} from "./tables.ts";

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

/** What rolling up needs of an event: all but what may be large and says nothing about its subject. */
export type UnrolledRow = Omit<NamedEventRow, "labels" | "data">;
const UNROLLED_COLUMNS = EVENT_COLUMNS.filter((name) => name !== "labels" && name !== "data");

/** Selects such rows, up to the condition. */
export const SELECT_UNROLLED = `select ${UNROLLED_COLUMNS.map((name) => `events.${name}`).join(", ")}, origin, source, subject from events join subjects on subjects.id = subject_id`;

/** Rows of a table that are new, and rows that are there already and changed. */
export interface Upserted<Row> {
  readonly added: readonly Readonly<Row>[];
  readonly changed: readonly Readonly<Row>[];
}

/** What new events bring. */
export interface AppendedRows {
  readonly events: readonly EventRow[];
  readonly measures: readonly MeasureRow[];
  readonly series: readonly Readonly<SeriesTable>[];
  readonly subjects: readonly Readonly<SubjectTable>[];
}

/** What comes of events by rolling them up. */
export interface RolledRows {
  readonly subjects: readonly Readonly<SubjectTable>[];
  readonly episodes: Upserted<EpisodeTable>;
  readonly days: Upserted<DayTable>;
}

/** Names a row of `days`. */
export type DayKey = Readonly<Pick<DayTable, "subject_id" | "day">>;

/** What a transaction begins with. */
export interface WriterState extends WriterTable {
  readonly lastId: string | null;
}

/** What a transaction that changes something ends with: how far the writers are then. */
export interface TransactionEnd {
  readonly writer: Readonly<WriterTable>;
  readonly watcher: Readonly<WatcherTable> | null;
  /** Those that are new, or have ended. */
  readonly gaps: readonly Readonly<GapTable>[];
}

/** One transaction of a batch, in which no other writer is at work. */
export interface BulkTransaction {
  /** Where the writers stand, and the greatest id in `events`, in the order of bytes; null while there is none. */
  state(): Promise<WriterState>;
  watcher(origin: string): Promise<WatcherTable | null>;
  /** Of all lifeguards. */
  gaps(): Promise<readonly GapTable[]>;
  /** The next few events beyond a number, in the order of their numbers. */
  unrolled(after: number, limit: number): Promise<readonly UnrolledRow[]>;
  /** Which of these ids are in `events`. */
  known(ids: readonly string[]): Promise<ReadonlySet<string>>;
  subjects(keys: readonly string[]): Promise<readonly SubjectTable[]>;
  series(subjectIds: readonly number[]): Promise<readonly SeriesTable[]>;
  days(keys: readonly DayKey[]): Promise<readonly DayTable[]>;
  episodes(ids: readonly string[]): Promise<readonly EpisodeTable[]>;
  /** Those of some subjects that last. */
  lastingEpisodes(subjectIds: readonly number[]): Promise<readonly EpisodeTable[]>;
  /** Resolves when the rows are on their way; whatever comes next waits for them, and is told if they failed. */
  append(rows: AppendedRows): Promise<void>;
  roll(rows: RolledRows): Promise<void>;
  /** The last of a transaction that changes something. */
  finish(end: TransactionEnd): Promise<void>;
}

/** How a transaction is run. */
export interface TransactionOptions {
  /**
   * How the database is unless another writer has come meanwhile; null where that cannot be said. The work may begin with it before the
   * database has confirmed it, and fails with `Overtaken` where it was wrong.
   */
  readonly expected: WriterState | null;
  /** Gives up: the transaction is rolled back. It has to come in time, as everything else that is written waits until then. */
  readonly signal?: AbortSignal | undefined;
}

/** Another writer has come, and the database is not as it was expected to be. Nothing of the transaction is left. */
export class Overtaken extends Error {
  constructor() {
    super("another lifeguard has written to this database meanwhile");
  }
}

/** The fast way into one kind of database. */
export interface Bulk {
  /** Runs `work` in a transaction, after every other writer's. It is committed when the result resolves and rolled back when it rejects. */
  transaction<Result>(
    work: (transaction: BulkTransaction) => Promise<Result>,
    options: TransactionOptions,
  ): Promise<Result>;
}
