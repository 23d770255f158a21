import { expect, test } from "vitest";
import type { Board, SinkContext } from "../../../../src/plugin/index.ts";
import { databaseSink } from "../../../../src/sinks/database/sink.ts";
import { LOOK_MS, Standstill } from "../../../../src/sinks/database/standstill.ts";
import type { Stretch } from "../../../../src/sinks/database/store/time-split.ts";
import { FakeClock } from "../../../../src/testkit/index.ts";
import { DAY, TestStore } from "./open-store.ts";
import { Script } from "./script.ts";

const NOON = Date.parse("2026-03-10T12:00:00Z");
const MINUTE = 60_000;
const HOUR = 3_600_000;

/** Everything that it has to tell. */
async function told(standstill: Standstill): Promise<Stretch[]> {
  const stretches: Stretch[] = [];
  await standstill.report(async (stretch) => void stretches.push(stretch));
  return stretches;
}

test("time that passed at once is told, once; time that went on is not", async () => {
  const clock = new FakeClock(NOON);
  const standstill = new Standstill(clock);
  for (let looks = 0; looks < 60; looks++) {
    await clock.advance(LOOK_MS);
    standstill.look();
  }
  expect(await told(standstill)).toEqual([]);
  clock.setWall(NOON + HOUR);
  standstill.look();
  expect(await told(standstill)).toEqual([{ began: NOON + 5 * MINUTE, ended: NOON + HOUR }]);
  expect(await told(standstill)).toEqual([]);
});

test("what could not be told is kept, and told before what was found later", async () => {
  const clock = new FakeClock(NOON);
  const standstill = new Standstill(clock);
  clock.setWall(NOON + HOUR);
  await expect(standstill.report(() => Promise.reject(new Error("gone")))).rejects.toThrow("gone");
  clock.setWall(NOON);
  expect(await told(standstill)).toEqual([
    { began: NOON, ended: NOON + HOUR },
    { began: NOON + HOUR, ended: NOON },
  ]);
});

async function hoursUp(db: TestStore): Promise<number> {
  const [found] = (await db.history.days({ days: 1 })).items;
  return (found?.days[0]?.up ?? 0) / HOUR;
}

test("time that nobody watched counts as nothing", async () => {
  await using db = await TestStore.open();
  const script = new Script();
  await db.write([script.say({ at: NOON })]);
  await db.store.unwatched({ began: NOON + HOUR, ended: NOON + 3 * HOUR });
  await db.reopen();
  await db.write([script.say({ at: NOON + 5 * HOUR })]);
  db.now = NOON + 5 * HOUR;
  expect(await hoursUp(db)).toBe(3);
});

test("a clock that was ahead for a while leaves no gap beyond the moment in which it is set back", async () => {
  await using db = await TestStore.open();
  const script = new Script();
  await db.write([script.say({ at: NOON })]);
  await db.store.unwatched({ began: NOON + HOUR, ended: NOON + 9000 * HOUR });
  await db.store.unwatched({ began: NOON + 9000 * HOUR, ended: NOON + 2 * HOUR });
  await db.reopen();
  await db.write([script.say({ at: NOON + 5 * HOUR })]);
  db.now = NOON + 5 * HOUR;
  expect(await hoursUp(db)).toBe(4);
});

test("a write after a standstill does not count it, though nobody has looked for one yet", async () => {
  await using folder = await TestStore.open();
  await folder.close();
  const clock = new FakeClock(NOON);
  const sink = await databaseSink(
    {
      place: { kind: "sqlite", path: folder.path },
      retention: { events: 30 * DAY, measures: 30 * DAY, episodes: 400 * DAY, days: 400 * DAY },
      started: NOON,
    },
    {
      origin: "here",
      position: () => "journal-0",
      health: { components: () => [] },
      log: { debug() {}, info() {}, warn() {}, error() {} },
      board: { find: () => [] } as unknown as Board,
      clock,
    } as unknown as SinkContext,
  );
  const script = new Script();
  const { signal } = new AbortController();
  await sink.write?.([script.say({ at: NOON })], signal);
  clock.setWall(NOON + HOUR);
  await sink.write?.([script.say({ at: NOON + HOUR + MINUTE })], signal);
  const page = await sink.history?.days({ days: 1 });
  expect(page?.items[0]?.days[0]?.up).toBe(MINUTE);
  await sink.close();
});
