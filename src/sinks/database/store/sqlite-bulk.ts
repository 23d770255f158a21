import type { SQLInputValue } from "node:sqlite";
import { type BatchRows, type Bulk, type BulkTransaction, type DayKey, EVENT_COLUMNS } from "./bulk.ts";
import type { Exclusive } from "./exclusive.ts";
import type { SqliteStatements } from "./sqlite-statements.ts";
import type { DayTable, EpisodeTable, GapTable, SeriesTable, SubjectTable, WriterTable } from "./tables.ts";

type Row = readonly SQLInputValue[];

const GAP = ["origin", "began", "ended"] as const;
const SERIES = ["id", "subject_id", "name", "unit"] as const;
const SUBJECT = [
  "id",
  "key",
  "origin",
  "source",
  "subject",
  "status",
  "state",
  "message",
  "since",
  "time",
  "accounted",
  "standing",
] as const;
const EPISODE = ["id", "subject_id", "began", "ended", "worst", "events", "state", "message"] as const;
const DAY = [
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
  "latency",
] as const;

/** How many rows one statement takes: fewer calls are quicker, up to a point. */
const ROWS = 16;

/** Writes batches into SQLite, by prepared statements. */
export class SqliteBulk implements Bulk {
  readonly #statements: SqliteStatements;
  readonly #exclusive: Exclusive;

  /** @param exclusive shared with whatever else writes through this connection */
  constructor(statements: SqliteStatements, exclusive: Exclusive) {
    this.#statements = statements;
    this.#exclusive = exclusive;
  }

  transaction<Result>(
    work: (transaction: BulkTransaction) => Promise<Result>,
    signal?: AbortSignal,
  ): Promise<Result> {
    return this.#exclusive.run(async () => {
      signal?.throwIfAborted();
      this.#run("begin immediate");
      try {
        const result = await work(this.#operations);
        this.#run("commit");
        return result;
      } catch (error) {
        // Some failures, such as a full disk, have rolled back already.
        try {
          this.#run("rollback");
        } catch {}
        throw error;
      }
    });
  }

  readonly #operations: BulkTransaction = {
    writer: async () => this.#get<WriterTable>("select * from writer where id = 1") as WriterTable,
    watched: async (origin) =>
      this.#get<{ watched: number }>("select watched from watchers where origin = ?", origin)?.watched ??
      null,
    gaps: async (origin) => this.#all<GapTable>("select * from gaps where origin = ?", origin),
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
    save: async (rows) => this.#save(rows),
  };

  #save({ writer, watcher, gap, ...rows }: BatchRows): void {
    this.#run("update writer set generation = ?, next = ?, pruned = ? where id = 1", [
      writer.generation,
      writer.next,
      writer.pruned,
    ]);
    if (watcher)
      this.#run("insert or replace into watchers (origin, watched) values (?, ?)", [
        watcher.origin,
        watcher.watched,
      ]);
    if (gap) this.#insert("insert or replace", "gaps", GAP, [pick(gap, GAP)]);
    this.#insert("insert", "events", EVENT_COLUMNS, rows.events);
    this.#insert("insert", "measures", ["series_id", "time", "seq", "value"], rows.measures);
    this.#insert(
      "insert",
      "series",
      SERIES,
      rows.series.map((row) => pick(row, SERIES)),
    );
    this.#insert(
      "insert or replace",
      "subjects",
      SUBJECT,
      rows.subjects.map((row) => pick(row, SUBJECT)),
    );
    this.#insert(
      "insert or replace",
      "episodes",
      EPISODE,
      rows.episodes.map((row) => pick(row, EPISODE)),
    );
    this.#insert(
      "insert or replace",
      "days",
      DAY,
      rows.days.map((row) => pick(row, DAY)),
    );
  }

  #insert(verb: string, table: string, columns: readonly string[], rows: readonly Row[]): void {
    const one = `(${columns.map(() => "?").join(", ")})`;
    const head = `${verb} into ${table} (${columns.join(", ")}) values `;
    const whole = rows.length - (rows.length % ROWS);
    if (whole > 0) {
      const many = this.#statements.statement(head + Array(ROWS).fill(one).join(", "));
      for (let from = 0; from < whole; from += ROWS) many.run(...rows.slice(from, from + ROWS).flat());
    }
    if (whole === rows.length) return;
    const single = this.#statements.statement(head + one);
    for (const row of rows.slice(whole)) single.run(...row);
  }

  #run(text: string, row: Row = []): void {
    this.#statements.statement(text).run(...row);
  }

  #get<Found>(text: string, ...values: SQLInputValue[]): Found | undefined {
    return this.#statements.statement(text).get(...values) as Found | undefined;
  }

  #all<Found>(text: string, ...values: SQLInputValue[]): Found[] {
    return this.#statements.statement(text).all(...values) as unknown as Found[];
  }
}

function pick<Key extends string>(row: Readonly<Record<Key, SQLInputValue>>, keys: readonly Key[]): Row {
  return keys.map((key) => row[key]);
}
