import { type Kysely, sql } from "kysely";
import type { Dialect } from "./dialect.ts";
import { LatencySketch } from "./latency-sketch.ts";

/** Rows that are worked out at once. */
const PORTION = 500;

interface Days {
  days: { subject_id: number; day: number; latency: string | null; p50: number | null; p95: number | null };
}

/** The second schema: latencies of days as plain numbers, so that neither the page nor SQL has to read ninety thousand sketches for them. */
export async function schemaTwo(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  const real = dialect === "sqlite" ? sql`real` : sql`double precision`;
  for (const column of ["p50", "p95"]) await db.schema.alterTable("days").addColumn(column, real).execute();
  await fill(db as Kysely<Days>);
}

/** Works them out for the days that are there. */
async function fill(db: Kysely<Days>): Promise<void> {
  let [subject, last] = [-1, 0];
  for (;;) {
    const rows = await db
      .selectFrom("days")
      .select(["subject_id", "day", "latency"])
      .where("latency", "is not", null)
      .where(sql<boolean>`(subject_id, day) > (${subject}, ${last})`)
      .orderBy("subject_id")
      .orderBy("day")
      .limit(PORTION)
      .execute();
    for (const { subject_id, day, latency } of rows) {
      await db
        .updateTable("days")
        .set(LatencySketch.parse(latency).summary())
        .where("subject_id", "=", subject_id)
        .where("day", "=", day)
        .execute();
    }
    const end = rows.at(-1);
    if (!end || rows.length < PORTION) return;
    [subject, last] = [end.subject_id, end.day];
  }
}
