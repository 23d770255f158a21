import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { DAY, TestStore } from "./open-store.ts";
import { Script } from "./script.ts";

const START = Date.parse("2026-03-01T00:00:00Z");
const retention = { events: 2 * DAY, measures: 3 * DAY, episodes: 4 * DAY, days: 5 * DAY };

function countOf(db: TestStore, table: string): number {
  const file = new DatabaseSync(db.path, { readOnly: true });
  try {
    return Number(file.prepare(`select count(*) as count from ${table}`).get()?.count);
  } finally {
    file.close();
  }
}

/** A small outage each hour, so that there is something of every kind. */
function week(script: Script) {
  return Array.from({ length: 7 * 24 }, (_, hour) =>
    [0, 1].map((bad) =>
      script.say({
        at: START + hour * 3_600_000 + bad * 60_000,
        status: bad ? "ok" : "critical",
        measures: { duration: { value: 5, unit: "ms" } },
      }),
    ),
  ).flat();
}

test("each table keeps its rows as long as it is told to", async () => {
  await using db = await TestStore.open({ retention });
  await db.write(week(new Script()));
  await db.store.settled();
  const now = START + 7 * DAY;
  await db.pruneAll(now);
  expect(countOf(db, "events")).toBe(2 * 24 * 2);
  expect(countOf(db, "measures")).toBe(3 * 24 * 2);
  expect(countOf(db, "episodes")).toBe(4 * 24);
  expect(countOf(db, "days")).toBe(5);
  expect(countOf(db, "subjects")).toBe(1);
  db.now = now;
  expect((await db.history.events({ subject: "thing/one", limit: 1000 })).items).toHaveLength(96);
});

test("it goes in small steps", async () => {
  await using db = await TestStore.open({ retention });
  const script = new Script();
  for (let batch = 0; batch < 5; batch++)
    await db.write(
      Array.from({ length: 1000 }, (_, index) =>
        script.say({ at: START + batch * 1000 + index, measures: { rtt: { value: 1, unit: "ms" } } }),
      ),
    );
  await db.store.settled();
  const before = countOf(db, "events");
  await db.store.prune(START + 10 * DAY);
  expect(before - countOf(db, "events")).toBe(1000);
  expect(await db.pruneAll(START + 10 * DAY)).toBeGreaterThan(10);
  for (const table of ["events", "measures", "days", "subjects", "series"])
    expect(countOf(db, table)).toBe(0);
});

test("what was deleted and comes again is not taken for new", async () => {
  await using db = await TestStore.open({ retention });
  const batch = week(new Script());
  await db.write(batch);
  const now = START + 7 * DAY;
  db.now = now;
  const days = async () => (await db.history.days({ days: 5 })).items;
  const before = await days();
  await db.pruneAll(now);
  await db.write(batch);
  expect(await days()).toEqual(before);
  expect(countOf(db, "events")).toBe(96);
});

test("what is deleted to the last row and comes again is not taken for new", async () => {
  await using db = await TestStore.open({ retention });
  const batch = week(new Script());
  await db.write(batch);
  await db.store.settled();
  await db.pruneAll(START + 10 * DAY);
  expect(countOf(db, "events")).toBe(0);
  const episodes = async () => (await db.history.episodes({})).items.length;
  const before = await episodes();
  await db.reopen({ retention });
  await db.write(batch);
  expect(await episodes()).toBe(before);
  expect(countOf(db, "events")).toBe(0);
});

test("a clock that was wrong while old rows were looked for costs nothing of what comes when it is right again", async () => {
  await using db = await TestStore.open();
  const script = new Script();
  await db.write([script.say({ at: START })]);
  await db.store.watched(START + 365 * DAY);
  await db.pruneAll(START + 365 * DAY);
  await db.reopen();
  await db.write([
    script.say({ at: START + 60_000, status: "critical" }),
    script.say({ at: START + 120_000, status: "ok" }),
  ]);
  expect((await db.history.events({ subject: "thing/one" })).items).toHaveLength(2);
  expect((await db.history.episodes({})).items).toMatchObject([{ duration: 60_000 }]);
  // Another journal counts anew.
  await db.reopen({ position: "anew-0" });
  await db.write([new Script({ prefix: "later" }).say({ at: START + 180_000 })]);
  expect((await db.history.events({ subject: "thing/one" })).items).toHaveLength(3);
});

test("a backlog that is older than events are kept becomes episodes and days", async () => {
  const short = { ...retention, episodes: 400 * DAY, days: 400 * DAY };
  await using db = await TestStore.open({ retention: short });
  const script = new Script();
  await db.write([script.say({ at: START })]);
  // The database cannot be reached for ten days. Then old rows are looked for before the backlog comes.
  await db.pruneAll(START + 10 * DAY);
  await db.write([
    script.say({ at: START + DAY, status: "critical" }),
    script.say({ at: START + DAY + 12 * 3_600_000 }),
    script.say({ at: START + 10 * DAY }),
  ]);
  await db.pruneAll(START + 10 * DAY);
  db.now = START + 10 * DAY;
  expect((await db.history.episodes({})).items).toMatchObject([{ duration: DAY / 2, events: 2 }]);
  const [found] = (await db.history.days({ days: 11 })).items;
  expect(found?.uptime).toBe(0.95);
  expect(countOf(db, "events")).toBe(1);
});

test("a subject of which everything is gone begins anew when it comes back", async () => {
  await using db = await TestStore.open({ retention });
  const script = new Script();
  await db.write([script.say({ at: START })]);
  await db.pruneAll(START + 30 * DAY);
  expect(countOf(db, "subjects")).toBe(0);
  await db.write([script.say({ at: START + 31 * DAY }), script.say({ at: START + 31 * DAY + 1000 })]);
  db.now = START + 31 * DAY + 1000;
  const [found] = (await db.history.days({ days: 2 })).items;
  expect(found?.days.map(({ up }) => up)).toEqual([0, 1000]);
});

test("an episode that lasts is kept, and what is not rolled up yet is too", async () => {
  await using db = await TestStore.open({ retention });
  const script = new Script();
  await db.write([script.say({ at: START, status: "critical" })]);
  await db.write(
    Array.from({ length: 600 }, (_, index) => script.say({ at: START + index, status: "critical" })),
  );
  expect(countOf(db, "writer")).toBe(1);
  await db.store.prune(START + 30 * DAY);
  expect(countOf(db, "events")).toBe(600);
  await db.pruneAll(START + 30 * DAY);
  expect(countOf(db, "episodes")).toBe(1);
});
