import { Kysely, PostgresDialect, sql } from "kysely";
import type { Connected, PostgresPlace } from "./connected.ts";
import { migrate } from "./migrate.ts";
import { PostgresBulk } from "./postgres-bulk.ts";
import { explained } from "./postgres-error.ts";
import { connectionUrl } from "./postgres-url.ts";
import type { Tables } from "./tables.ts";

/** Milliseconds. */
const CONNECT_TIMEOUT_MS = 5000;
/** PostgreSQL's type of 64-bit integers, which the driver gives as texts: nothing here is beyond what a number holds. */
const INT8 = 20;

/** Opens a database of PostgreSQL, and makes or migrates its tables. */
export async function connectPostgres(place: PostgresPlace): Promise<Connected> {
  const { default: pg } = await import("pg");
  const { schema } = place;
  const path = schema === undefined ? null : `set search_path to ${pg.escapeIdentifier(schema)}`;
  const pool = new pg.Pool({
    connectionString: connectionUrl(place),
    max: place.pool,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    application_name: "lifeguard",
    types: {
      getTypeParser: ((oid: number, format?: "text") =>
        oid === INT8 ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
    },
    // Not a parameter of the connection: poolers between it and the server refuse those.
    ...(path !== null && { onConnect: (client) => client.query(path) }),
  });
  // A connection that breaks while nobody uses it is replaced when somebody needs one; one that breaks in use also fails what used it.
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  try {
    await migrate(db, "postgres", schema ?? (await firstSchema(db)));
  } catch (error) {
    await pool.end().catch(() => {});
    throw explained(error);
  }
  return {
    dialect: "postgres",
    bulk: new PostgresBulk(pool),
    reader: db,
    change: (work) => db.transaction().execute(work),
    close: () => pool.end(),
  };
}

/** Where tables are made unless something else is said. */
async function firstSchema(db: Kysely<Tables>): Promise<string> {
  const { rows } = await sql<{ schema: string | null }>`select current_schema() as schema`.execute(db);
  const schema = rows[0]?.schema;
  if (typeof schema === "string") return schema;
  throw new Error("no schema in the search path of this user exists: name one with schema:");
}
