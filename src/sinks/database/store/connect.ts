import { mkdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Kysely } from "kysely";
import { LifeguardError } from "../../../plugin/index.ts";
import { connectPostgres } from "./connect-postgres.ts";
import type { Connected, Place } from "./connected.ts";
import { Exclusive } from "./exclusive.ts";
import { migrate } from "./migrate.ts";
import { SqliteBulk } from "./sqlite-bulk.ts";
import { TransactionalSqliteDialect } from "./sqlite-dialect.ts";
import { explainedOpening } from "./sqlite-error.ts";
import { SqliteStatements } from "./sqlite-statements.ts";
import type { Tables } from "./tables.ts";

/** Milliseconds. */
const LOCK_TIMEOUT_MS = 5000;

/**
 * Opens a database, and makes or migrates its tables.
 * @throws LifeguardError `CONFIG` for what can never be one, or is a newer lifeguard's
 */
export function connect(place: Place): Promise<Connected> {
  return place.kind === "sqlite" ? connectSqlite(place.path) : connectPostgres(place);
}

async function connectSqlite(path: string): Promise<Connected> {
  const { database, statements, writer } = await openSqlite(path).catch((error) => {
    throw explainedOpening(error, path);
  });
  const exclusive = new Exclusive();
  const reading = new SqliteStatements(new DatabaseSync(path, { readOnly: true, timeout: LOCK_TIMEOUT_MS }));
  const reader = new Kysely<Tables>({ dialect: new TransactionalSqliteDialect({ database: reading }) });
  return {
    dialect: "sqlite",
    bulk: new SqliteBulk(statements, exclusive, path),
    read: (work) => work(reader),
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

/** Opens the file to write to, at the present schema. */
async function openSqlite(path: string) {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory())
    throw new LifeguardError(
      "CONFIG",
      `${path} is a folder: name a file, such as ${join(path, "history.db")}`,
    );
  const database = new DatabaseSync(path, { timeout: LOCK_TIMEOUT_MS });
  const statements = new SqliteStatements(database);
  const writer = new Kysely<Tables>({ dialect: new TransactionalSqliteDialect({ database: statements }) });
  try {
    // What was acknowledged must survive the loss of power, so every commit is synced.
    database.exec(
      "pragma auto_vacuum = incremental; pragma journal_mode = wal; pragma synchronous = full; pragma cache_size = -16384; pragma wal_autocheckpoint = 4000;",
    );
    await migrate(writer, "sqlite");
  } catch (error) {
    statements.close();
    throw error;
  }
  return { database, statements, writer };
}
