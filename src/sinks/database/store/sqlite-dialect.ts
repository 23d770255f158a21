import { SqliteAdapter, SqliteDialect } from "kysely";

/** kysely's own dialect runs migrations outside a transaction; SQLite can undo every step of a schema, so one that fails leaves nothing. */
export class TransactionalSqliteDialect extends SqliteDialect {
  override createAdapter(): SqliteAdapter {
    return new TransactionalAdapter();
  }
}

class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}
