import { DatabaseSync } from "node:sqlite";
import type { Envelope } from "../../src/plugin/index.ts";

/** As large as a full group of the journal. */
const GROUP = 1000;

/**
 * The least that keeping events durably can cost with `node:sqlite`: the journal's own columns, each envelope stringified, in transactions of
 * 1,000, write-ahead log, `synchronous=FULL`.
 * @param envelopes to take in turn, until so many rows are written
 */
export function insertBare(path: string, envelopes: readonly Envelope[], rows: number): void {
  const database = new DatabaseSync(path);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
  database.exec(
    "CREATE TABLE events (seq INTEGER PRIMARY KEY, received INTEGER, position INTEGER, change INTEGER, own_id TEXT, body TEXT)",
  );
  const insert = database.prepare("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)");
  for (let index = 0; index < rows; index++) {
    if (index % GROUP === 0) database.exec("BEGIN");
    const envelope = envelopes[index % envelopes.length] as Envelope;
    insert.run(index + 1, 1_767_225_600_000, index * 500, 0, null, JSON.stringify(envelope));
    if (index % GROUP === GROUP - 1) database.exec("COMMIT");
  }
  if (database.isTransaction) database.exec("COMMIT");
  database.close();
}
