import type { SQLInputValue } from "node:sqlite";
import {
  type AppendedRows,
  type Bulk,
  type BulkTransaction,
  type DayKey,
  EVENT_COLUMNS,
  type RolledRows,
  SELECT_UNROLLED,
  type TransactionEnd,
  type TransactionOptions,
  type UnrolledRow,
} from "./bulk.ts";
import type { Exclusive } from "./exclusive.ts";
import { named } from "./sqlite-error.ts";
import type { SqliteStatements } from "./sqlite-statements.ts";
import type {
  DayTable,
  EpisodeTable,
  GapTable,
  SeriesTable,
  SubjectTable,
  WatcherTable,
  WriterTable,
} from "./tables.ts";

/** Columns that change. */
const SUBJECT = ["status", "state", "message", "since", "time", "accounted", "standing"] as const;
const EPISODE = ["began", "ended", "worst", "events", "state", "message"] as const;
const DAY = [
  "up",
  "down",
  "unknown",
  "oks",
  "warnings",
  "unknowns",
  "criticals",
  "worst",
  "latency",
  "p50",
  "p95",
] as const;

const WATCHER = ["origin", "watched", "journal", "seq", "started"] as const;

/** Rows that go in by one statement, as its call costs half as much as a row of measures. */
const TOGETHER = 5;

/** Writes batches into SQLite, by prepared statements. */
export class SqliteBulk implements Bulk {
  readonly #statements: SqliteStatements;
  readonly #exclusive: Exclusive;
  readonly #path: string;

  /**
   * @param exclusive shared with whatever else writes through this connection
   * @param path of the file, for errors
   */
  constructor(statements: SqliteStatements, exclusive: Exclusive, path: string) {
    this.#statements = statements;
    this.#exclusive = exclusive;
    this.#path = path;
  }

  transaction<Result>(
    work: (transaction: BulkTransaction) => Promise<Result>,
    { signal }: TransactionOptions,
  ): Promise<Result> {
    return this.#exclusive.run(async () => {
      signal?.throwIfAborted();
      try {
        this.#run("begin immediate");
        const result = await work(this.#operations);
        this.#run("commit");
        return result;
      } catch (error) {
        // Some failures, such as a full disk, have rolled back already, and what has not begun cannot be.
        try {
          this.#run("rollback");
        } catch {}
        throw named(error, this.#path);
      }
    });
  }

  readonly #operations: BulkTransaction = {
    state: async () => ({
      ...(this.#get<WriterTable>("select * from writer where id = 1") as WriterTable),
      lastId: this.#get<{ id: string | null }>("select max(id) as id from events")?.id ?? null,
    }),
    watcher: async (origin) =>
      this.#get<WatcherTable>("select * from watchers where origin = ?", origin) ?? null,
    gaps: async () => this.#all<GapTable>("select * from gaps"),
    unrolled: async (after, limit) =>
      this.#all<UnrolledRow>(`${SELECT_UNROLLED} where seq > ? order by seq limit ?`, after, limit),
    known: async (ids) => {
      const find = this.#statements.statement("select 1 from events where id = ?");
      return new Set(ids.filter((id) => find.get(id) !== undefined));
    },
    subjects: async (keys) =>
      keys.flatMap((key) => this.#all<SubjectTable>("select * from subjects where key = ?", key)),
    series: async (ids) =>
      ids.flatMap((id) => this.#all<SeriesTable>("select * from series where subject_id = ?", id)),
    days: async (keys: readonly DayKey[]) =>
      keys.flatMap(({ subject_id, day }) =>
        this.#all<DayTable>("select * from days where subject_id = ? and day = ?", subject_id, day),
      ),
    episodes: async (ids) =>
      ids.flatMap((id) => this.#all<EpisodeTable>("select * from episodes where id = ?", id)),
    lastingEpisodes: async (ids) =>
      ids.flatMap((id) =>
        this.#all<EpisodeTable>("select * from episodes where subject_id = ? and ended is null", id),
      ),
    append: async (rows) => this.#append(rows),
    roll: async (rows) => this.#roll(rows),
    finish: async (end) => this.#finish(end),
  };

  #append({ events, measures, series, subjects }: AppendedRows): void {
    this.#insertMany("events", EVENT_COLUMNS, events);
    this.#insertMany("measures", ["series_id", "time", "seq", "value"], measures);
    this.#insert("series", ["id", "subject_id", "name", "unit"], series);
    this.#insert("subjects", ["id", "key", "origin", "source", "subject", ...SUBJECT], subjects);
  }

  #roll({ subjects, episodes, days }: RolledRows): void {
    this.#update("subjects", SUBJECT, ["id"], subjects);
    this.#insert("episodes", ["id", "subject_id", ...EPISODE], episodes.added);
    this.#update("episodes", EPISODE, ["id"], episodes.changed);
    this.#insert("days", ["subject_id", "day", ...DAY], days.added);
    this.#update("days", DAY, ["subject_id", "day"], days.changed);
  }

  #finish({ writer, watcher, gaps }: TransactionEnd): void {
    this.#insert("gaps", ["origin", "source", "began", "ended"], gaps, "insert or replace");
    this.#update("writer", ["generation", "next", "rolled", "pruned"], ["id"], [writer]);
    if (watcher) this.#insert("watchers", WATCHER, [watcher], "insert or replace");
  }

  #insertMany(table: string, columns: readonly string[], rows: readonly (readonly SQLInputValue[])[]): void {
    const few = this.#statements.statement(insertText(table, columns, "insert", TOGETHER));
    const one = this.#statements.statement(insertText(table, columns));
    let at = 0;
    for (; at + TOGETHER <= rows.length; at += TOGETHER) few.run(...rows.slice(at, at + TOGETHER).flat());
    for (; at < rows.length; at++) one.run(...(rows[at] as readonly SQLInputValue[]));
  }

  #insert<Row extends object>(
    table: string,
    columns: readonly (keyof Row & string)[],
    rows: readonly Row[],
    verb = "insert",
  ): void {
    if (rows.length === 0) return;
    const insert = this.#statements.statement(insertText(table, columns, verb));
    for (const row of rows) insert.run(...pick(row, columns));
  }

  /** In place: to replace a row would be to take it out of every index and to put it in again. */
  #update<Row extends object>(
    table: string,
    columns: readonly (keyof Row & string)[],
    key: readonly (keyof Row & string)[],
    rows: readonly Row[],
  ): void {
    if (rows.length === 0) return;
    const equal = (names: readonly string[], between: string) =>
      names.map((name) => `${name} = ?`).join(between);
    const update = this.#statements.statement(
      `update ${table} set ${equal(columns, ", ")} where ${equal(key, " and ")}`,
    );
    const names = [...columns, ...key];
    for (const row of rows) update.run(...pick(row, names));
  }

  #run(text: string): void {
    this.#statements.statement(text).run();
  }

  #get<Found>(text: string, ...values: SQLInputValue[]): Found | undefined {
    return this.#statements.statement(text).get(...values) as Found | undefined;
  }

  #all<Found>(text: string, ...values: SQLInputValue[]): Found[] {
    return this.#statements.statement(text).all(...values) as unknown as Found[];
  }
}

function insertText(table: string, columns: readonly string[], verb = "insert", rows = 1): string {
  const row = `(${columns.map(() => "?").join(", ")})`;
  return `${verb} into ${table} (${columns.join(", ")}) values ${Array(rows).fill(row).join(", ")}`;
}

function pick<Row extends object>(row: Row, keys: readonly (keyof Row)[]): SQLInputValue[] {
  return keys.map((key) => row[key] as SQLInputValue);
}
