import { type Kysely, sql } from "kysely";
import type { Dialect } from "./dialect.ts";

/** The third schema: how far each lifeguard's journal is written, and by which process, so that no clock need be believed for it. */
export async function schemaThree(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  const number = dialect === "sqlite" ? sql`integer` : sql`bigint`;
  const add = (name: string, type: typeof number) =>
    db.schema.alterTable("watchers").addColumn(name, type).execute();
  await add("journal", sql`text`);
  await add("seq", number);
  await add("started", number);
}
