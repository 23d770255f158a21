import type { DatabaseSync } from "node:sqlite";

/** Marks the file as a lifeguard journal: "lgj1" as a number. */
export const APPLICATION_ID = 0x6c676a31;

/** Grows with every change of the tables; a file with a higher one is refused. */
export const SCHEMA_VERSION = 1;

/**
 * `position` counts the bytes of all events before this one since the journal began, so that the distance between two of them is one
 * subtraction. `body` comes last: reading the columns before it never touches overflow pages. The last verdict of a subject stands apart,
 * since it changes with every event: `seq` is that of its event, and `body` takes its place when that event is pruned.
 */
const TABLES = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE events (
  seq INTEGER PRIMARY KEY,
  received INTEGER NOT NULL,
  position INTEGER NOT NULL,
  change INTEGER NOT NULL,
  own_id TEXT,
  body TEXT NOT NULL
);
CREATE INDEX events_by_own_id ON events (own_id) WHERE own_id IS NOT NULL;
CREATE INDEX events_that_changed ON events (change) WHERE change = 1;
CREATE TABLE subjects (
  id INTEGER PRIMARY KEY,
  subject TEXT NOT NULL,
  source TEXT NOT NULL,
  origin TEXT NOT NULL,
  measures TEXT,
  description TEXT,
  UNIQUE (subject, source, origin)
);
CREATE TABLE verdicts (id INTEGER PRIMARY KEY, seq INTEGER, body TEXT);
CREATE TABLE state (owner TEXT, key TEXT, value TEXT NOT NULL, PRIMARY KEY (owner, key)) WITHOUT ROWID;
CREATE TABLE cursors (
  sink TEXT PRIMARY KEY,
  seq INTEGER NOT NULL,
  base INTEGER NOT NULL,
  delivered INTEGER NOT NULL,
  filtered INTEGER NOT NULL,
  dead_lettered INTEGER NOT NULL,
  dropped INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE dead_letters (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  sink TEXT NOT NULL,
  seq INTEGER NOT NULL,
  at TEXT NOT NULL,
  reason TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  body TEXT NOT NULL,
  UNIQUE (sink, seq)
);
PRAGMA application_id = ${APPLICATION_ID};
PRAGMA user_version = ${SCHEMA_VERSION};
`;

/** Who a journal is. */
export interface Identity {
  /** Made with the file. */
  readonly epoch: string;
  /** The persistent id of this lifeguard. */
  readonly origin: string;
}

/** Makes all tables of a new journal in one transaction, so that a half-made one never exists. */
export function createSchema(database: DatabaseSync, { epoch, origin }: Identity): void {
  // Lets the writer give pages back after a backlog is gone, and takes half the calls for the same bytes. Both must be said before the first
  // page is written.
  database.exec(
    "PRAGMA page_size = 8192; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; BEGIN IMMEDIATE;",
  );
  try {
    database.exec(TABLES);
    const insert = database.prepare("INSERT INTO meta (key, value) VALUES (?, ?)");
    insert.run("epoch", epoch);
    insert.run("origin", origin);
    database.exec("COMMIT");
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

/** Reads who the journal is. @throws when there is no such table or row */
export function readIdentity(database: DatabaseSync): Identity {
  const rows = database.prepare("SELECT key, value FROM meta WHERE key IN ('epoch', 'origin')").all();
  const { epoch, origin } = Object.fromEntries(rows.map(({ key, value }) => [key, value]));
  if (typeof epoch !== "string" || typeof origin !== "string") throw new Error("the journal has no identity");
  return { epoch, origin };
}
