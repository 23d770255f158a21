import { type Kysely, sql } from "kysely";
import type { Dialect } from "./dialect.ts";

/** The fifth schema: gaps may be those of one source, and may last. SQLite cannot change the key of a table, so it is made anew. */
export async function schemaFive(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  const number = dialect === "sqlite" ? sql`integer` : sql`bigint`;
  await db.schema.alterTable("gaps").renameTo("gaps_before").execute();
  await db.schema
    .createTable("gaps")
    .addColumn("origin", "text", (column) => column.notNull())
    .addColumn("source", "text", (column) => column.notNull())
    .addColumn("began", number, (column) => column.notNull())
    .addColumn("ended", number)
    .addPrimaryKeyConstraint("gaps_of_source", ["origin", "source", "began"])
    .execute();
  await sql`insert into gaps (origin, source, began, ended) select origin, '', began, ended from gaps_before`.execute(
    db,
  );
  await db.schema.dropTable("gaps_before").execute();
}
