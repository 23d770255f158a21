import type { Pool, PoolClient } from "pg";
import type { PastEvent } from "../../../plugin/index.ts";
import {
  type AppendedRows,
  type Bulk,
  type BulkTransaction,
  type DayKey,
  EVENT_COLUMNS,
  type MeasureRow,
  type RolledRows,
  type TransactionEnd,
  type WriterState,
} from "./bulk.ts";
import { CopyIn, type CopyRow } from "./copy-in.ts";
import { type NamedEventRow, pastEvent } from "./past-event.ts";
import type {
  DayTable,
  EpisodeTable,
  GapTable,
  SeriesTable,
  SubjectTable,
  WatcherTable,
  WriterTable,
} from "./tables.ts";

const SUBJECT_COLUMNS = [
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

/** How rows are written again, given as one JSON text: the driver need not turn each value into a parameter. */
const PUTS = {
  subjects: update("subjects", "id", {
    id: "bigint",
    status: "smallint",
    state: "text",
    message: "text",
    since: "bigint",
    time: "bigint",
    accounted: "bigint",
    standing: "smallint",
  }),
  episodes: upsert("episodes", ["id"], {
    id: "text",
    subject_id: "bigint",
    began: "bigint",
    ended: "bigint",
    worst: "smallint",
    events: "bigint",
    state: "text",
    message: "text",
  }),
  days: upsert("days", ["subject_id", "day"], {
    subject_id: "bigint",
    day: "bigint",
    up: "bigint",
    down: "bigint",
    unknown: "bigint",
    oks: "bigint",
    warnings: "bigint",
    unknowns: "bigint",
    criticals: "bigint",
    worst: "smallint",
    latency: "text",
    p50: "double precision",
    p95: "double precision",
  }),
  gaps: upsert("gaps", ["origin", "began"], { origin: "text", began: "bigint", ended: "bigint" }),
} as const;

/** Writes batches into PostgreSQL: COPY for what is new, one statement a table for what is written again. */
export class PostgresBulk implements Bulk {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  async transaction<Result>(
    work: (transaction: BulkTransaction) => Promise<Result>,
    signal?: AbortSignal,
  ): Promise<Result> {
    const client = await this.#pool.connect();
    let broken: Error | undefined;
    // A server that does not answer is left: only the end of the connection ends what waits on it.
    const abort = () => {
      broken = signal?.reason;
      client.release(true);
    };
    if (signal?.aborted) {
      client.release();
      throw signal.reason;
    }
    signal?.addEventListener("abort", abort, { once: true });
    const onError = (error: Error) => {
      broken ??= error;
    };
    client.on("error", onError);
    const transaction = new PostgresTransaction(client);
    try {
      const result = await work(transaction);
      await transaction.end();
      return result;
    } catch (error) {
      const failure = broken ?? error;
      broken ??= await transaction.undo();
      throw failure;
    } finally {
      signal?.removeEventListener("abort", abort);
      client.off("error", onError);
      if (!signal?.aborted) client.release(broken !== undefined);
    }
  }
}

/** The rows of events go out as they come, those of their measures when the last event has gone. */
const STREAMED = [
  { table: "events", columns: EVENT_COLUMNS },
  { table: "measures", columns: ["series_id", "time", "seq", "value"] },
] as const;
const SERIES = { table: "series", columns: ["id", "subject_id", "name", "unit"] } as const;
const SUBJECTS = { table: "subjects", columns: SUBJECT_COLUMNS } as const;

/**
 * One transaction. Every answer of the server costs a wait, so the rows of all parts of a batch go out in one COPY, which the server works on
 * meanwhile. A question in between ends it, and the next part begins another one.
 */
class PostgresTransaction implements BulkTransaction {
  readonly #client: PoolClient;
  #committed = false;
  /** Rows on their way, and what follows when the last event has gone. */
  #copy: CopyIn | null = null;
  #measures: MeasureRow[] = [];

  constructor(client: PoolClient) {
    this.#client = client;
  }

  /** Ends it, where nothing that it did has ended it. */
  async end(): Promise<void> {
    if (!this.#committed) await (await this.#idle()).query("commit");
  }

  /** Takes everything back. @returns what is wrong with the connection */
  async undo(): Promise<Error | undefined> {
    this.#copy?.cancel();
    await this.#copy?.done.catch(() => {});
    return this.#client.query("rollback").then(
      () => undefined,
      (cause: Error) => cause,
    );
  }

  async state(): Promise<WriterState> {
    // The lock keeps every other writer out until the end; the last id is looked for once it is held, as each statement sees what is then.
    const [, writers, last] = (await this.#client.query(
      "begin; select * from writer where id = 1 for update; select max(id) as id from events",
    )) as unknown as readonly [unknown, { rows: [WriterTable] }, { rows: [{ id: string | null }] }];
    return { ...writers.rows[0], lastId: last.rows[0].id };
  }

  async watched(origin: string): Promise<number | null> {
    const [row] = await this.#all<WatcherTable>(
      "watched",
      "select * from watchers where origin = $1",
      origin,
    );
    return row?.watched ?? null;
  }

  gaps(): Promise<readonly GapTable[]> {
    return this.#all("gaps", "select * from gaps");
  }

  async unrolled(after: number): Promise<readonly PastEvent[]> {
    const rows = await this.#all<NamedEventRow>(
      "unrolled",
      "select events.*, origin, source, subject from events join subjects on subjects.id = subject_id where seq > $1 order by seq",
      after,
    );
    return rows.map(pastEvent);
  }

  async known(ids: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = await this.#all<{ id: string }>(
      "known",
      "select id from events where id = any($1::text[])",
      ids,
    );
    return new Set(rows.map(({ id }) => id));
  }

  subjects(keys: readonly string[]): Promise<readonly SubjectTable[]> {
    return this.#all("subjects", "select * from subjects where key = any($1::text[])", keys);
  }

  series(subjectIds: readonly number[]): Promise<readonly SeriesTable[]> {
    return this.#all("series", "select * from series where subject_id = any($1::bigint[])", subjectIds);
  }

  days(keys: readonly DayKey[]): Promise<readonly DayTable[]> {
    return this.#all(
      "days",
      "select days.* from unnest($1::bigint[], $2::bigint[]) as wanted (subject_id, day) join days using (subject_id, day)",
      keys.map(({ subject_id }) => subject_id),
      keys.map(({ day }) => day),
    );
  }

  episodes(ids: readonly string[]): Promise<readonly EpisodeTable[]> {
    return this.#all("episodes", "select * from episodes where id = any($1::text[])", ids);
  }

  async append({ events, measures, series, subjects, gap }: AppendedRows): Promise<void> {
    if (gap) await this.#put("gaps", [gap]);
    await this.#copyNow(SERIES, series);
    await this.#copyNow(SUBJECTS, subjects);
    if (!this.#copy) {
      this.#copy = new CopyIn(STREAMED);
      this.#client.query(this.#copy);
    }
    this.#copy.send(events);
    this.#measures.push(...measures);
  }

  async roll({ subjects, episodes, days }: RolledRows): Promise<void> {
    await this.#put("subjects", subjects);
    await this.#put("episodes", [...episodes.added, ...episodes.changed]);
    await this.#put("days", [...days.added, ...days.changed]);
  }

  async finish({ writer, watcher }: TransactionEnd): Promise<void> {
    const { generation, next, rolled, pruned } = writer;
    const client = await this.#idle();
    const statements = [
      `update writer set generation = ${generation}, next = ${next}, rolled = ${rolled}, pruned = ${pruned} where id = 1`,
    ];
    if (watcher)
      statements.push(
        `insert into watchers (origin, watched) values (${client.escapeLiteral(watcher.origin)}, ${watcher.watched}) on conflict (origin) do update set watched = excluded.watched`,
      );
    await client.query([...statements, "commit"].join("; "));
    this.#committed = true;
  }

  /** The connection, when what was sent before has been taken. */
  async #idle(): Promise<PoolClient> {
    const copy = this.#copy;
    if (copy) {
      copy.next();
      copy.send(this.#measures);
      copy.next();
      this.#measures = [];
      await copy.done;
      this.#copy = null;
    }
    return this.#client;
  }

  /** Copies a few rows of another table. */
  async #copyNow<Row extends object>(
    { table, columns }: { readonly table: string; readonly columns: readonly (keyof Row & string)[] },
    rows: readonly Row[],
  ): Promise<void> {
    if (rows.length === 0) return;
    const client = await this.#idle();
    const copy = new CopyIn([{ table, columns }]);
    client.query(copy);
    copy.send(rows.map((row) => columns.map((column) => row[column] as CopyRow[number])));
    copy.next();
    await copy.done;
  }

  async #all<Row>(name: string, text: string, ...values: unknown[]): Promise<readonly Row[]> {
    const client = await this.#idle();
    return (await client.query({ name, text, values })).rows as Row[];
  }

  async #put(table: keyof typeof PUTS, rows: readonly object[]): Promise<void> {
    if (rows.length === 0) return;
    const client = await this.#idle();
    await client.query({ name: `put ${table}`, text: PUTS[table], values: [JSON.stringify(rows)] });
  }
}

/** Inserts rows, or changes those that are there. @param columns by name, with their types */
function upsert(table: string, key: readonly string[], columns: Readonly<Record<string, string>>): string {
  const names = Object.keys(columns);
  const others = names.filter((name) => !key.includes(name)).map((name) => `${name} = excluded.${name}`);
  return [
    `insert into ${table} (${names.join(", ")}) select ${names.join(", ")} from ${given(columns)}`,
    `on conflict (${key.join(", ")}) do update set ${others.join(", ")}`,
  ].join(" ");
}

/** Changes rows that are there. */
function update(table: string, key: string, columns: Readonly<Record<string, string>>): string {
  const others = Object.keys(columns).filter((name) => name !== key);
  const changes = others.map((name) => `${name} = given.${name}`);
  return `update ${table} set ${changes.join(", ")} from ${given(columns)} where ${table}.${key} = given.${key}`;
}

function given(columns: Readonly<Record<string, string>>): string {
  const types = Object.entries(columns).map(([name, type]) => `${name} ${type}`);
  return `json_to_recordset($1::json) as given (${types.join(", ")})`;
}
