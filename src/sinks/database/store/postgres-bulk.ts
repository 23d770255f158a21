import type { Pool, PoolClient } from "pg";
import {
  type AppendedRows,
  type Bulk,
  type BulkTransaction,
  EVENT_COLUMNS,
  type RolledRows,
} from "./bulk.ts";
import { CopyIn } from "./copy-in.ts";
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
    gaps: () => all<GapTable>("gaps", "select * from gaps"),
    unrolled: async (after) =>
      (
        await all<NamedEventRow>(
          "unrolled",
          "select events.*, origin, source, subject from events join subjects on subjects.id = subject_id where seq > $1 order by seq",
          after,
        )
      ).map(pastEvent),
    lastId: async () =>
      (await all<{ id: string | null }>("last id", "select max(id) as id from events"))[0]?.id ?? null,
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
    append: (rows) => append(client, rows),
    roll: (rows) => roll(client, rows),
    writerMoved: (writer, watcher) => writerMoved(client, writer, watcher),
  };
}

async function append(
  client: PoolClient,
  { events, measures, series, subjects, gap }: AppendedRows,
): Promise<void> {
  await client.query(new CopyIn("events", EVENT_COLUMNS, events)).done;
  if (measures.length > 0)
    await client.query(new CopyIn("measures", ["series_id", "time", "seq", "value"], measures)).done;
  if (series.length > 0) {
    const rows = series.map(({ id, subject_id, name, unit }) => [id, subject_id, name, unit]);
    await client.query(new CopyIn("series", ["id", "subject_id", "name", "unit"], rows)).done;
  }
  await put(client, "subjects", subjects);
  await put(client, "gaps", gap ? [gap] : []);
}

async function roll(client: PoolClient, { subjects, episodes, days }: RolledRows): Promise<void> {
  await put(client, "subjects", subjects);
  await put(client, "episodes", [...episodes.added, ...episodes.changed]);
  await put(client, "days", [...days.added, ...days.changed]);
}

async function writerMoved(
  client: PoolClient,
  { generation, next, rolled, pruned }: WriterTable,
  watcher: WatcherTable | null,
): Promise<void> {
  await put(client, "watchers", watcher ? [watcher] : []);
  await client.query({
    name: "writer moved",
    text: "update writer set generation = $1, next = $2, rolled = $3, pruned = $4 where id = 1",
    values: [generation, next, rolled, pruned],
  });
}

/** Inserts rows, or changes those that are there. */
async function put(client: PoolClient, table: keyof typeof UPSERTS, rows: readonly object[]): Promise<void> {
  if (rows.length === 0) return;
  await client.query({ name: `put ${table}`, text: UPSERTS[table], values: [JSON.stringify(rows)] });
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
