import { expect, test } from "vitest";
import type { SubjectState } from "../../../../src/plugin/index.ts";
import { PartQueue } from "../../../../src/sinks/database/store/part-queue.ts";
import { TestStore } from "./open-store.ts";
import { Script } from "./script.ts";

const NOON = Date.parse("2026-03-10T12:00:00Z");
const HOUR = 3_600_000;

test("the time in which this lifeguard did not run counts as nothing", async () => {
  await using db = await TestStore.open();
  const script = new Script();
  await db.write([script.say({ at: NOON })]);
  await db.store.watched(NOON + HOUR);
  // Dead for two hours; the next process finds everything as it was.
  await db.reopen({ started: NOON + 3 * HOUR });
  await db.write([script.say({ at: NOON + 4 * HOUR })]);
  db.now = NOON + 4 * HOUR;
  const [found] = (await db.history.days({ days: 1 })).items;
  expect(found?.days[0]).toMatchObject({ up: 2 * HOUR, down: 0, unknown: 0, uptime: 1 });
});

test("where the clock was behind when lifeguard started, the first event tells how long it did not run", async () => {
  await using db = await TestStore.open();
  const script = new Script();
  await db.write([script.say({ at: NOON - HOUR })]);
  await db.store.watched(NOON);
  await db.reopen({ started: NOON - HOUR });
  await db.write([script.say({ at: NOON + 10 * HOUR })]);
  db.now = NOON + 10 * HOUR;
  const [found] = (await db.history.days({ days: 1 })).items;
  expect(found?.days[0]).toMatchObject({ up: HOUR, down: 0, unknown: 0 });
});

test("where the clock was ahead when lifeguard started, its first event counts as its own", async () => {
  await using db = await TestStore.open();
  const script = new Script();
  await db.write([script.say({ at: NOON - HOUR })]);
  await db.store.watched(NOON);
  await db.reopen({ started: NOON + 9 * HOUR });
  await db.write([script.say({ at: NOON + 4 * HOUR })]);
  await db.write([script.say({ at: NOON + 10 * HOUR })]);
  db.now = NOON + 10 * HOUR;
  const [found] = (await db.history.days({ days: 1 })).items;
  expect(found?.days[0]).toMatchObject({ up: 7 * HOUR, down: 0, unknown: 0 });
});

test("a sink that is started again by the same lifeguard has missed nothing, though nothing happened for long", async () => {
  await using db = await TestStore.open({ started: NOON });
  const script = new Script();
  await db.write([script.say({ at: NOON })]);
  await db.store.watched(NOON + HOUR);
  await db.reopen({ started: NOON });
  await db.write([script.say({ at: NOON + 10 * HOUR })]);
  db.now = NOON + 10 * HOUR;
  const [found] = (await db.history.days({ days: 2 })).items;
  expect((found?.days[0]?.up ?? 0) + (found?.days[1]?.up ?? 0)).toBe(10 * HOUR);
});

test("that one lifeguard still watches is noted though another one writes into the same database", async () => {
  await using db = await TestStore.open();
  const other = await db.beside({ origin: "there" });
  const script = new Script();
  await db.write([script.say({ at: NOON })]);
  await other.write(PartQueue.of([new Script({ origin: "there", prefix: "other" }).say({ at: NOON })]));
  await db.store.watched(NOON + HOUR);
  await other.close();
  await db.reopen({ started: NOON + 3 * HOUR });
  await db.write([script.say({ at: NOON + 3 * HOUR })]);
  db.now = NOON + 3 * HOUR;
  const [found] = (await db.history.days({ origin: "here", days: 1 })).items;
  expect(found?.days[0]?.up).toBe(HOUR);
});

/** Notes how the source that the others are from is since then. */
function tell(db: Pick<TestStore, "store">, since: number, fails: boolean): Promise<void> {
  return db.store.sources({ states: [{ source: "test", fails, since }], now: since });
}

async function hoursUp(db: TestStore, source = "test"): Promise<number> {
  const [found] = (await db.history.days({ subject: "thing/one", source, days: 1 })).items;
  return (found?.days[0]?.up ?? 0) / HOUR;
}

test("the time in which a source failed counts as nothing for what it watches, while it fails and ever after", async () => {
  await using db = await TestStore.open();
  const script = new Script();
  const other = { source: "other" };
  const state = { subject: "thing/one", origin: "here", stale: null } as SubjectState;
  await db.write([script.say({ at: NOON }), script.say({ at: NOON, ...other })]);
  await tell(db, NOON + HOUR, true);
  await tell(db, NOON + 2 * HOUR, true);
  await db.reopen();
  db.states = [
    { ...state, source: "test", stale: "failing", seen: new Date(NOON).toISOString() },
    { ...state, source: "other" },
  ];
  db.now = NOON + 4 * HOUR;
  expect([await hoursUp(db), await hoursUp(db, "other")]).toEqual([1, 4]);
  await tell(db, NOON + 5 * HOUR, false);
  db.states = ["test", "other"].map((source) => ({ ...state, source }));
  db.now = NOON + 6 * HOUR;
  expect([await hoursUp(db), await hoursUp(db, "other")]).toEqual([2, 6]);
  await db.write([script.say({ at: NOON + 7 * HOUR }), script.say({ at: NOON + 7 * HOUR, ...other })]);
  db.now = NOON + 7 * HOUR;
  expect([await hoursUp(db), await hoursUp(db, "other")]).toEqual([3, 7]);
  await tell(db, NOON + 8 * HOUR, true);
  await tell(db, NOON + 9 * HOUR, false);
  await tell(db, NOON + 9 * HOUR, false);
  await db.write([script.say({ at: NOON + 10 * HOUR })]);
  expect(await hoursUp(db)).toBe(5);
});

test("a failing source of one lifeguard says nothing of one of the same name elsewhere", async () => {
  await using db = await TestStore.open();
  const [here, there] = [new Script(), new Script({ origin: "there", prefix: "other" })];
  await db.write([here.say({ at: NOON }), there.say({ at: NOON })]);
  const other = await db.beside({ origin: "there" });
  await tell({ store: other }, NOON + HOUR, true);
  await other.close();
  await db.write([here.say({ at: NOON + 3 * HOUR }), there.say({ at: NOON + 3 * HOUR })]);
  const { items } = await db.history.days({ subject: "thing/one", until: "2026-03-10" });
  expect(items.map(({ origin, days }) => [origin, days.at(-1)?.up])).toEqual([
    ["here", 3 * HOUR],
    ["there", HOUR],
  ]);
});

test("what is not seen any more counts until it was seen last", async () => {
  await using db = await TestStore.open();
  await db.write([new Script().say({ at: NOON })]);
  const state = { subject: "thing/one", source: "test", origin: "here", stale: "not seen" };
  db.states = [{ ...state, seen: new Date(NOON + 2 * HOUR).toISOString() } as SubjectState];
  db.now = NOON + 10 * HOUR;
  expect(await hoursUp(db)).toBe(2);
});

test("the time in which lifeguard did not run counts as nothing also before the next event", async () => {
  await using db = await TestStore.open();
  const script = new Script();
  await db.write([script.say({ at: NOON })]);
  await db.store.watched(NOON + HOUR);
  await db.reopen({ started: NOON + 3 * HOUR });
  await db.write([script.say({ at: NOON + 3 * HOUR, subject: "thing/two" })]);
  db.states = [{ subject: "thing/one", source: "test", origin: "here", stale: null } as SubjectState];
  db.now = NOON + 4 * HOUR;
  expect(await hoursUp(db)).toBe(2);
});

test("a source that lifeguard has no more does not fail any more", async () => {
  await using db = await TestStore.open();
  const script = new Script();
  await db.write([script.say({ at: NOON })]);
  await tell(db, NOON + HOUR, true);
  await db.reopen();
  await db.store.sources({ states: [{ source: "test", fails: null, since: NOON }], now: NOON + 2 * HOUR });
  await db.store.sources({
    states: [{ source: "renamed", fails: false, since: NOON }],
    now: NOON + 3 * HOUR,
  });
  await db.write([script.say({ at: NOON + 5 * HOUR })]);
  db.now = NOON + 5 * HOUR;
  expect(await hoursUp(db)).toBe(3);
});

test("what a clock that ran ahead took for a failure of a source is cut when it is set back", async () => {
  await using db = await TestStore.open();
  const script = new Script();
  await db.write([script.say({ at: NOON })]);
  await tell(db, NOON + HOUR, true);
  await tell(db, NOON + 9000 * HOUR, false);
  await db.store.unwatched({ began: NOON + 9000 * HOUR, ended: NOON + 2 * HOUR });
  await db.write([script.say({ at: NOON + 5 * HOUR })]);
  db.now = NOON + 5 * HOUR;
  expect(await hoursUp(db)).toBe(4);
});

test("or at the next start, where the clock was set right meanwhile", async () => {
  await using db = await TestStore.open();
  const script = new Script();
  await db.write([script.say({ at: NOON })]);
  await db.store.unwatched({ began: NOON + HOUR, ended: NOON + 9000 * HOUR });
  await db.reopen({ started: NOON + 2 * HOUR });
  await db.write([script.say({ at: NOON + 3 * HOUR })]);
  await db.write([script.say({ at: NOON + 5 * HOUR })]);
  db.now = NOON + 5 * HOUR;
  expect(await hoursUp(db)).toBe(2);
});

test("no time is taken back that a clock that ran ahead never counted", async () => {
  await using db = await TestStore.open();
  const script = new Script();
  const minute = HOUR / 60;
  await db.write([script.say({ at: NOON - 12 * HOUR })]);
  await db.write([script.say({ at: NOON })]);
  await db.store.unwatched({ began: NOON + 5 * minute, ended: NOON + 2 * HOUR });
  await db.write([script.say({ at: NOON + 2.5 * HOUR })]);
  await db.store.unwatched({ began: NOON + 2.5 * HOUR, ended: NOON + 35 * minute });
  await db.write([script.say({ at: NOON + 36 * minute })]);
  db.now = NOON + 36 * minute;
  expect(await hoursUp(db)).toBeCloseTo(12 + 5 / 60, 5);
});
