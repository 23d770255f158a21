import { DatabaseSync } from "node:sqlite";

/** Runs one statement on a database that a server has open, too. */
export function sqlite(database: string, statement: string, ...values: Array<string | number | null>): void {
  const connection = new DatabaseSync(database, { timeout: 5000 });
  try {
    connection.prepare(statement).all(...values);
  } finally {
    connection.close();
  }
}
