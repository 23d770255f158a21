import { Kysely, PostgresDialect, type PostgresPoolClient, sql } from "kysely";
import type { ClientBase, Pool, PoolClient } from "pg";
import { borrow } from "./borrow.ts";
import type { Connected, PostgresPlace } from "./connected.ts";
import { Exclusive } from "./exclusive.ts";
import { migrate } from "./migrate.ts";
import { PostgresBulk } from "./postgres-bulk.ts";
import { explained } from "./postgres-error.ts";
import { connectionUrl } from "./postgres-url.ts";
import type { Tables } from "./tables.ts";
import { QUERY_MS, timeLimit } from "./time-limit.ts";

/** Milliseconds. */
const CONNECT_TIMEOUT_MS = 5000;
/** PostgreSQL's type of 64-bit integers, which the driver gives as texts: nothing here is beyond what a number holds. */
const INT8 = 20;

/**
 * What the server is told before a query, so that all of an answer is of one moment. For this transaction only: a setting of the connection
 * would be that of whoever a pooler lends it to.
 */
const READING = `begin isolation level repeatable read read only; set local statement_timeout = ${QUERY_MS}`;

/**
 * How soon the server notices that a lifeguard is gone without a word, as when its host loses power: in half a minute. Until then it keeps
 * the locks of what was being written, by default for two hours.
 */
const KEEP_ALIVE =
  "set tcp_keepalives_idle = 15; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3";

/** Opens a database of PostgreSQL, and makes or migrates its tables. */
export async function connectPostgres(place: PostgresPlace): Promise<Connected> {
  // Readers cannot keep the writer from its connection, however many of theirs wait for an answer.
  const [writers, readers] = await Promise.all([openPool(place, 1), openPool(place, place.pool - 1)]);
  const close = async () => {
    await Promise.all([writers.end(), readers.end()]);
  };
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: writers }) });
  try {
    await migrate(db, "postgres", place.schema ?? (await firstSchema(db)));
  } catch (error) {
    await close().catch(() => {});
    throw explained(error);
  }
  const exclusive = new Exclusive();
  return {
    dialect: "postgres",
    bulk: new PostgresBulk(writers, exclusive),
    read: (work, signal) => transact(readers, READING, work, timeLimit(signal, QUERY_MS)),
    change: (work) => exclusive.run(() => transact(writers, "begin", work, timeLimit())),
    close,
  };
}

/** A pool of connections, of which none is open yet. */
async function openPool(place: PostgresPlace, max: number): Promise<Pool> {
  const { default: pg } = await import("pg");
  const { schema } = place;
  const ask = (client: ClientBase, text: string) => {
    // The pool does not limit what is asked on a new connection, and whoever waits for one would wait for ever.
    const query = { text, query_timeout: CONNECT_TIMEOUT_MS };
    return client.query(query);
  };
  const pool = new pg.Pool({
    connectionString: connectionUrl(place),
    max,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    application_name: "lifeguard",
    types: {
      getTypeParser: ((oid: number, format?: "text") =>
        oid === INT8 ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
    },
    // Not a parameter of the connection: poolers between it and the server refuse those.
    async onConnect(client) {
      if (schema !== undefined) await ask(client, `set search_path to ${pg.escapeIdentifier(schema)}`);
      // A server that cannot be told this is as good as before.
      await ask(client, KEEP_ALIVE).catch(() => {});
    },
  });
  // A connection that breaks while nobody uses it is replaced when somebody needs one; one that breaks in use also fails what used it.
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  return pool;
}

/** Runs work in a transaction on one connection of a pool. */
function transact<Result>(
  pool: Pool,
  begin: string,
  work: (db: Kysely<Tables>) => Promise<Result>,
  signal: AbortSignal,
): Promise<Result> {
  return borrow(pool, {
    signal,
    async work(client) {
      await client.query(begin);
      const result = await work(databaseOn(client));
      await client.query("commit");
      return result;
    },
    undo: (client) => client.query("rollback"),
  });
}

/** A database whose every query goes through a connection that is somebody else's to give back. */
function databaseOn(client: PoolClient): Kysely<Tables> {
  const lent = { query: client.query.bind(client) as PostgresPoolClient["query"], release() {} };
  const pool = { connect: async () => lent, end: async () => {} };
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
}

/** Where tables are made unless something else is said. */
async function firstSchema(db: Kysely<Tables>): Promise<string> {
  const { rows } = await sql<{ schema: string | null }>`select current_schema() as schema`.execute(db);
  const schema = rows[0]?.schema;
  if (typeof schema === "string") return schema;
  throw new Error("no schema in the search path of this user exists: name one with schema:");
}
