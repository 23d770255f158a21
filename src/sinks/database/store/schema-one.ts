import { type CreateTableBuilder, type Kysely, sql } from "kysely";
import type { Dialect } from "./dialect.ts";

/** Room in each page for rows that are written again and again, so that PostgreSQL need not touch their indexes. */
const ROOMY = sql`with (fillfactor = 70)`;

/** The first schema. It is history: what comes later is a migration of its own. */
export async function schemaOne(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  const sqlite = dialect === "sqlite";
  const table = (name: string) => db.schema.createTable(name);
  /** Rows in order of their key, without an index beside them. */
  const clustered = <Name extends string>(builder: CreateTableBuilder<Name, string>) =>
    sqlite ? builder.modifyEnd(sql`without rowid`) : builder.modifyEnd(ROOMY);
  const roomy = <Name extends string>(builder: CreateTableBuilder<Name, string>) =>
    sqlite ? builder : builder.modifyEnd(ROOMY);
  const number = sqlite ? sql`integer` : sql`bigint`;
  const rank = sqlite ? sql`integer` : sql`smallint`;
  /** Compared by its bytes, whatever the language of the database. */
  const id = sqlite ? sql`text` : sql`text collate "C"`;
  const real = sqlite ? sql`real` : sql`double precision`;

  await table("writer")
    .addColumn("id", number, (column) => column.primaryKey())
    .addColumn("generation", number, (column) => column.notNull())
    .addColumn("next", number, (column) => column.notNull())
    .addColumn("rolled", number, (column) => column.notNull())
    .addColumn("pruned", number, (column) => column.notNull())
    .execute();
  await table("watchers")
    .addColumn("origin", "text", (column) => column.primaryKey())
    .addColumn("watched", number, (column) => column.notNull())
    .execute();
  await table("gaps")
    .addColumn("origin", "text", (column) => column.notNull())
    .addColumn("began", number, (column) => column.notNull())
    .addColumn("ended", number, (column) => column.notNull())
    .addPrimaryKeyConstraint("gaps_key", ["origin", "began"])
    .execute();
  await roomy(
    table("subjects")
      .addColumn("id", number, (column) => column.primaryKey())
      .addColumn("key", "text", (column) => column.notNull().unique())
      .addColumn("origin", "text", (column) => column.notNull())
      .addColumn("source", "text", (column) => column.notNull())
      .addColumn("subject", "text", (column) => column.notNull())
      .addColumn("status", rank)
      .addColumn("state", "text", (column) => column.notNull())
      .addColumn("message", "text", (column) => column.notNull())
      .addColumn("since", number, (column) => column.notNull())
      .addColumn("time", number, (column) => column.notNull())
      .addColumn("accounted", number, (column) => column.notNull())
      .addColumn("standing", rank),
  ).execute();
  await db.schema.createIndex("subjects_by_name").on("subjects").column("subject").execute();
  await table("events")
    .addColumn("seq", number, (column) => column.primaryKey())
    .addColumn("id", id, (column) => column.notNull().unique())
    .addColumn("subject_id", number, (column) => column.notNull())
    .addColumn("time", number, (column) => column.notNull())
    .addColumn("received", number, (column) => column.notNull())
    .addColumn("type", "text", (column) => column.notNull())
    .addColumn("status", rank, (column) => column.notNull())
    .addColumn("state", "text", (column) => column.notNull())
    .addColumn("message", "text", (column) => column.notNull())
    .addColumn("change", rank, (column) => column.notNull())
    .addColumn("previous", rank)
    .addColumn("since", number, (column) => column.notNull())
    .addColumn("episode", "text")
    .addColumn("labels", "text")
    .addColumn("measures", "text")
    .addColumn("data", "text")
    .execute();
  await sql`create index events_by_subject on events (subject_id, time, seq)`.execute(db);
  await sql`create index changes_by_subject on events (subject_id, time, seq) where change = 1`.execute(db);
  await sql`create index changes_by_time on events (time, seq) where change = 1`.execute(db);
  await roomy(
    table("episodes")
      .addColumn("id", "text", (column) => column.primaryKey())
      .addColumn("subject_id", number, (column) => column.notNull())
      .addColumn("began", number, (column) => column.notNull())
      .addColumn("ended", number)
      .addColumn("worst", rank, (column) => column.notNull())
      .addColumn("events", number, (column) => column.notNull())
      .addColumn("state", "text", (column) => column.notNull())
      .addColumn("message", "text", (column) => column.notNull()),
  ).execute();
  await sql`create index episodes_by_subject on episodes (subject_id, began)`.execute(db);
  await sql`create index episodes_by_time on episodes (began)`.execute(db);
  await table("series")
    .addColumn("id", number, (column) => column.primaryKey())
    .addColumn("subject_id", number, (column) => column.notNull())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("unit", "text", (column) => column.notNull())
    .addUniqueConstraint("series_name", ["subject_id", "name", "unit"])
    .execute();
  const measures = table("measures")
    .addColumn("series_id", number, (column) => column.notNull())
    .addColumn("time", number, (column) => column.notNull())
    .addColumn("seq", number, (column) => column.notNull())
    .addColumn("value", real, (column) => column.notNull())
    .addPrimaryKeyConstraint("measures_key", ["series_id", "time", "seq"]);
  await (sqlite ? measures.modifyEnd(sql`without rowid`) : measures).execute();
  await clustered(
    table("days")
      .addColumn("subject_id", number, (column) => column.notNull())
      .addColumn("day", number, (column) => column.notNull())
      .addColumn("up", number, (column) => column.notNull())
      .addColumn("down", number, (column) => column.notNull())
      .addColumn("unknown", number, (column) => column.notNull())
      .addColumn("oks", number, (column) => column.notNull())
      .addColumn("warnings", number, (column) => column.notNull())
      .addColumn("unknowns", number, (column) => column.notNull())
      .addColumn("criticals", number, (column) => column.notNull())
      .addColumn("worst", rank, (column) => column.notNull())
      .addColumn("latency", "text")
      .addPrimaryKeyConstraint("days_key", ["subject_id", "day"]),
  ).execute();
}
