import { type Kysely, sql } from "kysely";
import type { Connected } from "./connected.ts";
import { dayOf } from "./day.ts";
import type { Tables } from "./tables.ts";

/** How long each table keeps its rows, in milliseconds. */
export interface Retention {
  readonly events: number;
  readonly measures: number;
  readonly episodes: number;
  readonly days: number;
}

/** Rows that one step deletes at most: other work waits for no longer than that takes. */
const STEP = 1000;
/** Looking at a series or a subject that has nothing to delete costs about as much as so many rows. */
const LOOK = 10;

/**
 * Deletes what is older than it has to be, in small steps: what comes out is one step each.
 * @param now milliseconds since the epoch
 */
export async function* prune(connected: Connected, retention: Retention, now: number): AsyncGenerator<void> {
  yield* pruneEvents(connected, now - retention.events);
  yield* pruneMeasures(connected, now - retention.measures);
  yield* pruneEpisodes(connected, now - retention.episodes);
  const horizon = now - retention.days;
  yield* pruneDays(connected, dayOf(horizon));
  await connected.change((db) => db.deleteFrom("gaps").where("ended", "<", horizon).execute());
  yield;
  yield* pruneSubjects(connected, horizon);
}

/** Events go in the order in which they were written, which is that in which they were received, as good as. */
async function* pruneEvents({ change }: Connected, horizon: number): AsyncGenerator<void> {
  for (;;) {
    const deleted = await change(async (db) => {
      const oldest = await db
        .selectFrom("events")
        .select(["seq", "received"])
        // What is not rolled up yet is still needed.
        .where("seq", "<=", (select) => select.selectFrom("writer").select("rolled"))
        .orderBy("seq")
        .limit(STEP)
        .execute();
      const kept = oldest.findIndex(({ received }) => received >= horizon);
      const last = oldest.at(kept < 0 ? -1 : kept - 1);
      if (!last || kept === 0) return 0;
      // First of all, so that nobody takes what is deleted for new when it comes again.
      await sql`update writer set pruned = ${horizon} where id = 1 and pruned < ${horizon}`.execute(db);
      await db.deleteFrom("events").where("seq", "<=", last.seq).execute();
      return kept < 0 ? oldest.length : 0;
    });
    yield;
    if (deleted < STEP) return;
  }
}

async function* pruneMeasures(connected: Connected, horizon: number): AsyncGenerator<void> {
  const next = (after: number) =>
    connected.read((db) =>
      db.selectFrom("series").select("id").where("id", ">", after).orderBy("id").limit(100).execute(),
    );
  yield* pruneEach(connected, next, async (db, id) => {
    const beyond = await db
      .selectFrom("measures")
      .select("time")
      .where("series_id", "=", id)
      .where("time", "<", horizon)
      .orderBy("time")
      .offset(STEP)
      .limit(1)
      .executeTakeFirst();
    const { numDeletedRows } = await db
      .deleteFrom("measures")
      .where("series_id", "=", id)
      .where("time", "<", beyond?.time ?? horizon)
      .executeTakeFirst();
    return { deleted: Number(numDeletedRows), more: beyond !== undefined && numDeletedRows > 0n };
  });
}

async function* pruneDays(connected: Connected, horizon: number): AsyncGenerator<void> {
  const next = (after: number) =>
    connected.read((db) =>
      db.selectFrom("subjects").select("id").where("id", ">", after).orderBy("id").limit(100).execute(),
    );
  yield* pruneEach(connected, next, async (db, id) => {
    const { numDeletedRows } = await db
      .deleteFrom("days")
      .where("subject_id", "=", id)
      .where("day", "<", horizon)
      .executeTakeFirst();
    return { deleted: Number(numDeletedRows), more: false };
  });
}

/** Goes through owners of rows, in portions; an owner that has more is visited again in the next step. */
async function* pruneEach(
  { change }: Connected,
  next: (after: number) => Promise<readonly { readonly id: number }[]>,
  visit: (db: Kysely<Tables>, id: number) => Promise<{ readonly deleted: number; readonly more: boolean }>,
): AsyncGenerator<void> {
  let done = Number.NEGATIVE_INFINITY;
  for (;;) {
    const owners = await next(Number.isFinite(done) ? done : -1);
    if (owners.length === 0) return;
    done = await change(async (db) => {
      let work = 0;
      let last = done;
      for (const { id } of owners) {
        const { deleted, more } = await visit(db, id);
        work += deleted + LOOK;
        if (!more) last = id;
        if (more || work >= STEP) break;
      }
      return last;
    });
    yield;
  }
}

/** An episode that lasts is kept, however long ago it began. */
async function* pruneEpisodes({ change }: Connected, horizon: number): AsyncGenerator<void> {
  for (;;) {
    const { numDeletedRows } = await change((db) =>
      db
        .deleteFrom("episodes")
        .where("id", "in", (select) =>
          select
            .selectFrom("episodes")
            .select("id")
            .where("began", "<", horizon)
            .where("ended", "<", horizon)
            .limit(STEP),
        )
        .executeTakeFirst(),
    );
    yield;
    if (numDeletedRows < BigInt(STEP)) return;
  }
}

/** Subjects of which nothing is left. The generation grows, so that no writer goes on with one that is gone. */
async function* pruneSubjects({ change }: Connected, horizon: number): AsyncGenerator<void> {
  for (;;) {
    const count = await change(async (db) => {
      // Locks out the writers before anything is looked at.
      await sql`update writer set generation = generation + 1 where id = 1`.execute(db);
      const gone = await db
        .selectFrom("subjects")
        .select("id")
        .where("accounted", "<", horizon)
        .where(({ not, exists, selectFrom }) =>
          not(exists(selectFrom("days").select("day").whereRef("days.subject_id", "=", "subjects.id"))),
        )
        .where(({ not, exists, selectFrom }) =>
          not(exists(selectFrom("events").select("seq").whereRef("events.subject_id", "=", "subjects.id"))),
        )
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(selectFrom("episodes").select("id").whereRef("episodes.subject_id", "=", "subjects.id")),
          ),
        )
        .limit(STEP / LOOK)
        .execute();
      const ids = gone.map(({ id }) => id);
      if (ids.length === 0) return 0;
      await db
        .deleteFrom("measures")
        .where("series_id", "in", (select) =>
          select.selectFrom("series").select("id").where("subject_id", "in", ids),
        )
        .execute();
      await db.deleteFrom("series").where("subject_id", "in", ids).execute();
      await db.deleteFrom("subjects").where("id", "in", ids).execute();
      return ids.length;
    });
    yield;
    if (count < STEP / LOOK) return;
  }
}
