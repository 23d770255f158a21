import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { SqliteDatabase, SqliteStatement } from "kysely";

/** Texts that differ by the length of a list are many: only so many are kept compiled. */
const MOST_KEPT = 200;

/** Lets kysely's SQLite dialect work on `node:sqlite`, and compiles each text once. */
export class SqliteStatements implements SqliteDatabase {
  readonly #database: DatabaseSync;
  readonly #kept = new Map<string, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** The compiled statement of a text. */
  statement(text: string): StatementSync {
    let statement = this.#kept.get(text);
    if (!statement) {
      statement = this.#database.prepare(text);
      if (this.#kept.size >= MOST_KEPT) this.#kept.clear();
      this.#kept.set(text, statement);
    }
    return statement;
  }

  prepare(text: string): SqliteStatement {
    const statement = this.statement(text);
    type Values = Parameters<StatementSync["all"]>;
    return {
      reader: statement.columns().length > 0,
      all: (values) => statement.all(...(values as Values)),
      run: (values) => statement.run(...(values as Values)),
      iterate: (values) => statement.iterate(...(values as Values)),
    };
  }

  close(): void {
    this.#kept.clear();
    if (this.#database.isOpen) this.#database.close();
  }
}
