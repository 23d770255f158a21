import type { Pool, PoolClient } from "pg";
import { type BatchRows, type Bulk, type BulkTransaction, EVENT_COLUMNS } from "./bulk.ts";
import { CopyIn, type CopyRow } from "./copy-in.ts";
import type { DayTable, EpisodeTable, GapTable, SeriesTable, SubjectTable, WriterTable } from "./tables.ts";

/** Tables whose rows are written again and again: their columns with types, their key first. */
const UPSERTS = {
  subjects: upsert("subjects", ["id"], {
    id: "bigint",
    key: "text",
    origin: "text",
    source: "text",
    subject: "text",
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
  }),
  gaps: upsert("gaps", ["origin", "began"], { origin: "text", began: "bigint", ended: "bigint" }),
  watchers: upsert("watchers", ["origin"], { origin: "text", watched: "bigint" }),
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
    signal?.throwIfAborted();
    const client = await this.#pool.connect();
    let broken: Error | undefined;
    // A server that does not answer is left: only the end of the connection ends what waits on it.
    const abort = () => {
      broken = signal?.reason;
      client.release(true);
    };
    signal?.addEventListener("abort", abort, { once: true });
    const onError = (error: Error) => {
      broken ??= error;
    };
    client.on("error", onError);
    try {
      await client.query("begin");
      const result = await work(operations(client));
      await client.query("commit");
      return result;
    } catch (error) {
      const failure = broken ?? error;
      broken ??= await client.query("rollback").then(
        () => undefined,
        (cause: Error) => cause,
      );
      throw failure;
    } finally {
      signal?.removeEventListener("abort", abort);
      client.off("error", onError);
      if (!signal?.aborted) client.release(broken !== undefined);
    }
  }
}

function operations(client: PoolClient): BulkTransaction {
  const all = async <Row>(name: string, text: string, ...values: unknown[]): Promise<Row[]> =>
    (await client.query({ name, text, values })).rows as Row[];
  return {
    // Its lock is what keeps every other writer out until the end of the transaction.
    writer: async () =>
      (await all<WriterTable>("writer", "select * from writer where id = 1 for update"))[0] as WriterTable,
    watched: async (origin) =>
      (await all<{ watched: number }>("watched", "select watched from watchers where origin = $1", origin))[0]
        ?.watched ?? null,
    gaps: (origin) => all<GapTable>("gaps", "select * from gaps where origin = $1", origin),
    known: async (ids) =>
      new Set(
        (await all<{ id: string }>("known", "select id from events where id = any($1::text[])", ids)).map(
          ({ id }) => id,
        ),
      ),
    subjects: (keys) =>
      all<SubjectTable>("subjects", "select * from subjects where key = any($1::text[])", keys),
    series: (ids) =>
      all<SeriesTable>("series", "select * from series where subject_id = any($1::bigint[])", ids),
    days: (keys) =>
      all<DayTable>(
        "days",
        "select days.* from unnest($1::bigint[], $2::bigint[]) as wanted (subject_id, day) join days using (subject_id, day)",
        keys.map(({ subject_id }) => subject_id),
        keys.map(({ day }) => day),
      ),
    episodes: (ids) =>
      all<EpisodeTable>("episodes", "select * from episodes where id = any($1::text[])", ids),
    save: (rows) => save(client, rows),
  };
}

async function save(client: PoolClient, rows: BatchRows): Promise<void> {
  const { writer, watcher, gap, events, measures, series } = rows;
  const sent: Promise<unknown>[] = [];
  const copy = (table: string, columns: readonly string[], copied: readonly CopyRow[]) => {
    if (copied.length > 0) sent.push(client.query(new CopyIn(table, columns, copied)).done);
  };
  const put = (table: keyof typeof UPSERTS, put: readonly object[]) => {
    if (put.length > 0)
      sent.push(client.query({ name: `put ${table}`, text: UPSERTS[table], values: [JSON.stringify(put)] }));
  };
  // The driver sends them one after the other; only the last answer is worth waiting for, and the first error.
  copy("events", EVENT_COLUMNS, events);
  copy("measures", ["series_id", "time", "seq", "value"], measures);
  copy(
    "series",
    ["id", "subject_id", "name", "unit"],
    series.map(({ id, subject_id, name, unit }) => [id, subject_id, name, unit]),
  );
  put("subjects", rows.subjects);
  put("episodes", rows.episodes);
  put("days", rows.days);
  put("watchers", watcher ? [watcher] : []);
  put("gaps", gap ? [gap] : []);
  sent.push(
    client.query({
      name: "put writer",
      text: "update writer set generation = $1, next = $2, pruned = $3 where id = 1",
      values: [writer.generation, writer.next, writer.pruned],
    }),
  );
  const settled = await Promise.allSettled(sent);
  for (const one of settled) if (one.status === "rejected") throw one.reason;
}

/** The statement that writes rows, given as one JSON text: the driver need not turn each value into a parameter. */
function upsert(table: string, key: readonly string[], columns: Readonly<Record<string, string>>): string {
  const names = Object.keys(columns);
  const types = Object.entries(columns).map(([name, type]) => `${name} ${type}`);
  const others = names.filter((name) => !key.includes(name)).map((name) => `${name} = excluded.${name}`);
  return [
    `insert into ${table} (${names.join(", ")})`,
    `select ${names.join(", ")} from json_to_recordset($1::json) as given (${types.join(", ")})`,
    `on conflict (${key.join(", ")}) do update set ${others.join(", ")}`,
  ].join(" ");
}
