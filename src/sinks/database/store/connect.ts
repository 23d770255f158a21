import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Kysely, PostgresDialect } from "kysely";
import type { Bulk } from "./bulk.ts";
import type { Dialect } from "./dialect.ts";
import { Exclusive } from "./exclusive.ts";
import { migrate } from "./migrate.ts";
import { PostgresBulk } from "./postgres-bulk.ts";
import { SqliteBulk } from "./sqlite-bulk.ts";
import { TransactionalSqliteDialect } from "./sqlite-dialect.ts";
import { SqliteStatements } from "./sqlite-statements.ts";
import type { Tables } from "./tables.ts";

/** Where the database is. */
export type Place =
  | { readonly kind: "sqlite"; readonly path: string }
  | { readonly kind: "postgres"; readonly url: string; readonly pool: number };

/** An open database at the present schema. */
export interface Connected {
  readonly dialect: Dialect;
  readonly bulk: Bulk;
  /** For queries. */
  readonly reader: Kysely<Tables>;
  /** Runs a small change that is no batch. */
  change<Result>(work: (db: Kysely<Tables>) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

/** Milliseconds. */
const CONNECT_TIMEOUT_MS = 5000;
const LOCK_TIMEOUT_MS = 5000;
/** PostgreSQL's type of 64-bit integers, which the driver gives as texts: nothing here is beyond what a number holds. */
const INT8 = 20;

/** Opens a database, and makes or migrates its tables. */
export function connect(place: Place): Promise<Connected> {
  return place.kind === "sqlite" ? connectSqlite(place.path) : connectPostgres(place);
}

async function connectSqlite(path: string): Promise<Connected> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(path, { timeout: LOCK_TIMEOUT_MS });
  // What was acknowledged must survive the loss of power, so every commit is synced.
  database.exec(
    "pragma auto_vacuum = incremental; pragma journal_mode = wal; pragma synchronous = full; pragma cache_size = -16384; pragma wal_autocheckpoint = 4000;",
  );
  const statements = new SqliteStatements(database);
  const writer = new Kysely<Tables>({ dialect: new TransactionalSqliteDialect({ database: statements }) });
  try {
    await migrate(writer, "sqlite");
  } catch (error) {
    statements.close();
    throw error;
  }
  const exclusive = new Exclusive();
  const reading = new SqliteStatements(new DatabaseSync(path, { readOnly: true, timeout: LOCK_TIMEOUT_MS }));
  return {
    dialect: "sqlite",
    bulk: new SqliteBulk(statements, exclusive),
    reader: new Kysely<Tables>({ dialect: new TransactionalSqliteDialect({ database: reading }) }),
    change: (work) =>
      exclusive.run(async () => {
        const result = await writer.transaction().execute(work);
        database.exec("pragma incremental_vacuum(100)");
        return result;
      }),
    close: () =>
      exclusive.run(async () => {
        reading.close();
        statements.close();
      }),
  };
}

async function connectPostgres({ url, pool: max }: Extract<Place, { kind: "postgres" }>): Promise<Connected> {
  const { default: pg } = await import("pg");
  const pool = new pg.Pool({
    connectionString: url,
    max,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    application_name: "lifeguard",
    types: {
      getTypeParser: ((oid: number, format?: "text") =>
        oid === INT8 ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
    },
  });
  // A connection that breaks while nobody uses it is replaced when somebody needs one; one that breaks in use also fails what used it.
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  try {
    await migrate(db, "postgres");
  } catch (error) {
    await pool.end().catch(() => {});
    throw error;
  }
  return {
    dialect: "postgres",
    bulk: new PostgresBulk(pool),
    reader: db,
    change: (work) => db.transaction().execute(work),
    close: () => pool.end(),
  };
}
