import { type Kysely, Migrator } from "kysely";
import { LifeguardError } from "../../../plugin/index.ts";
import type { Dialect } from "./dialect.ts";
import { migrations } from "./migrations.ts";
import type { Tables } from "./tables.ts";

/**
 * Brings a database to the present schema. Several processes may do so at once.
 * @param schema of PostgreSQL, made where it is missing
 * @throws LifeguardError `CONFIG` when a newer lifeguard has been here
 */
export async function migrate(db: Kysely<Tables>, dialect: Dialect, schema?: string): Promise<void> {
  const steps = migrations(dialect);
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => steps },
    migrationTableName: "lifeguard_migrations",
    migrationLockTableName: "lifeguard_migrations_lock",
    // Else tables of the same name in another schema would be taken for these.
    ...(schema !== undefined && { migrationTableSchema: schema }),
  });
  const { error } = await migrator.migrateToLatest();
  if (error === undefined) return;
  if (error instanceof Error && /corrupted migrations/.test(error.message))
    throw new LifeguardError(
      "CONFIG",
      `a newer lifeguard has written this database: run that one, or give this one a database of its own (${error.message})`,
      { cause: error },
    );
  throw error;
}
