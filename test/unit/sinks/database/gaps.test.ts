import { expect, test } from "vitest";
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
