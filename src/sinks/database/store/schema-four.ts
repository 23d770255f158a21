import { type Kysely, sql } from "kysely";

/** In the schema of the first lifeguard, and of this one. */
const OK = 0;

/**
 * The fourth step changes no table, but ends episodes that nothing would ever have ended: those of subjects that are not watched any more, or
 * that are well. Before it, only a recovery ended one. Recoveries from what was never written had made episodes of no length.
 */
export async function schemaFour(db: Kysely<unknown>): Promise<void> {
  await sql`delete from episodes where worst = ${OK}`.execute(db);
  await endLasting(db, "accounted", sql`standing is null`);
  await endLasting(db, "since", sql`status = ${OK}`);
}

/** Ends those of some subjects. @param column of `subjects`: since when they are over */
async function endLasting(
  db: Kysely<unknown>,
  column: string,
  condition: ReturnType<typeof sql>,
): Promise<void> {
  const over = sql`(select ${sql.ref(column)} from subjects where subjects.id = subject_id)`;
  await sql`update episodes set ended = case when began > ${over} then began else ${over} end
    where ended is null and subject_id in (select id from subjects where ${condition})`.execute(db);
}
