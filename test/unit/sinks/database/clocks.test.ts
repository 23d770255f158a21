import { expect, test } from "vitest";
import { STATUSES, type SubjectState } from "../../../../src/plugin/index.ts";
import { PartQueue } from "../../../../src/sinks/database/store/part-queue.ts";
import { fc } from "../../../support/property.ts";
import { DAY, TestStore } from "./open-store.ts";
import { Script } from "./script.ts";
import { slowHistory } from "./slow-history.ts";

const NOON = Date.parse("2026-03-10T12:00:00Z");
const HOUR = 3_600_000;

/** The board trusts what was told last. */
function trusted(): SubjectState[] {
  return [{ subject: "thing/one", source: "test", origin: "here", stale: null } as SubjectState];
}

test("what came last stands, though a clock that was set back says that it was earlier", async () => {
  await using db = await TestStore.open();
  const script = new Script();
  await db.write([script.say({ at: NOON }), script.say({ at: NOON + 10_000, status: "critical" })]);
  await db.write([script.say({ at: NOON + 9000 })]);
  db.states = trusted();
  db.now = NOON + HOUR;
  const [found] = (await db.history.days({ days: 1 })).items;
  expect(found?.days[0]).toMatchObject({ up: HOUR, down: 0 });
  const { items } = await db.history.episodes({});
  expect(items).toMatchObject([{ duration: 0, ended: items[0]?.began }]);
});

test("what a clock that ran ahead for a while has counted is taken back when it is right again", async () => {
  await using db = await TestStore.open();
  const script = new Script();
  await db.write([script.say({ at: NOON })]);
  await db.write([script.say({ at: NOON + 300 * DAY })]);
  await db.reopen();
  await db.write([script.say({ at: NOON + HOUR, status: "critical" })]);
  await db.write([script.say({ at: NOON + 3 * HOUR, status: "critical" })]);
  db.states = trusted();
  db.now = NOON + 4 * HOUR;
  expect((await db.history.days({ days: 1 })).items[0]?.days[0]).toMatchObject({ up: HOUR, down: 3 * HOUR });
  await db.write([script.say({ at: NOON + DAY })]);
  db.now = NOON + 2 * DAY;
  const [found] = (await db.history.days({ days: 3 })).items;
  expect(found?.days.map(({ up, down }) => (up + down) / HOUR)).toEqual([12, 24, 12]);
});

test("a dead letter that is written at last is counted, and changes nothing of what came meanwhile", async () => {
  await using db = await TestStore.open();
  const script = new Script();
  await db.write([script.say({ at: NOON }), script.say({ at: NOON + HOUR, status: "critical" })]);
  const letter = script.say({ at: NOON + 2 * HOUR, status: "critical" });
  await db.write([script.say({ at: NOON + 3 * HOUR }), script.say({ at: NOON + 4 * HOUR })]);
  await db.write([letter]);
  db.states = trusted();
  db.now = NOON + 5 * HOUR;
  expect((await db.history.days({ days: 1 })).items[0]?.days[0]).toMatchObject({
    up: 3 * HOUR,
    down: 2 * HOUR,
    counts: { critical: 2, ok: 3 },
  });
  expect((await db.history.episodes({})).items).toMatchObject([{ duration: 2 * HOUR, events: 3 }]);
});

test("dead letters by the hundred stay out of turn, also where the process that wrote them died", async () => {
  await using db = await TestStore.open();
  const script = new Script();
  await db.write([script.say({ at: NOON })]);
  const letters = Array.from({ length: 600 }, (_, index) =>
    script.say({ at: NOON + HOUR + index, status: "critical" }),
  );
  await db.write([script.say({ at: NOON + 3 * HOUR })]);
  // One that is never closed saves nothing at its end.
  const died = await db.beside();
  await died.write(PartQueue.of(letters));
  await db.write([script.say({ at: NOON + 4 * HOUR })]);
  db.now = NOON + 4 * HOUR;
  expect((await db.history.days({ days: 1 })).items[0]?.days[0]).toMatchObject({
    up: 4 * HOUR,
    down: 0,
    counts: { critical: 600 },
  });
  await died.close();
});

/** Times are whole quarters of an hour, so that the slow way is not too slow. */
const STEP = 900_000;

const ticks = fc.array(
  fc.record({
    // Mostly forward; now and then the clock is set.
    by: fc.oneof(
      { weight: 5, arbitrary: fc.integer({ min: 0, max: 100 }) },
      fc.integer({ min: -400, max: 400 }),
    ),
    what: fc.constantFrom(...STATUSES, "unregistered" as const, "monitor_deleted" as const),
  }),
  { minLength: 1, maxLength: 30 },
);

test("however the clock is set, all time counts once, also where it falls into several batches", async () => {
  await fc.assert(
    fc.asyncProperty(
      ticks,
      fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
      async (list, sizes) => {
        const script = new Script();
        let now = NOON;
        const envelopes = list.map(({ by, what }) => {
          now += by * STEP;
          return what === "unregistered" || what === "monitor_deleted"
            ? script.say({ at: now, type: `thing.${what}` })
            : script.say({ at: now, status: what });
        });
        await using db = await TestStore.open();
        let from = 0;
        for (let round = 0; from < envelopes.length; round++) {
          const size = sizes[round % sizes.length] as number;
          await db.write(envelopes.slice(from, from + size));
          if (size === 3) await db.reopen();
          from += size;
        }
        db.now = NOON + 200 * DAY;
        const slow = slowHistory(envelopes, STEP);
        const [found] = (await db.history.days({ days: 400 })).items;
        const told = new Map(
          found?.days.map(({ day, up, down, unknown }) => [Date.parse(day) / DAY, [up, down, unknown]]),
        );
        for (const [day, times] of told) {
          expect(Math.min(...times)).toBeGreaterThanOrEqual(0);
          const { up = 0, down = 0, unknown = 0 } = slow.days.get(day) ?? {};
          expect([day, times.reduce((a, b) => a + b)]).toEqual([day, up + down + unknown]);
        }
      },
    ),
    { numRuns: 60 },
  );
}, 60_000);
