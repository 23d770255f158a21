import { expect, test } from "vitest";
import { type Envelope, STATUSES, type Status } from "../../../../src/plugin/index.ts";
import { BatchWriter } from "../../../../src/sinks/database/store/batch-writer.ts";
import type { Bulk } from "../../../../src/sinks/database/store/bulk.ts";
import { connect } from "../../../../src/sinks/database/store/connect.ts";
import type { Connected } from "../../../../src/sinks/database/store/connected.ts";
import { fc } from "../../../support/property.ts";
import { DAY, TestStore } from "./open-store.ts";
import { Script } from "./script.ts";
import { slowHistory } from "./slow-history.ts";

const START = Date.parse("2026-03-08T22:00:00Z");
/** Times are whole quarters of an hour, so that the slow way is not too slow. */
const STEP = 900_000;

interface Happening {
  readonly subject: number;
  readonly after: number;
  readonly late: boolean;
  readonly what: Status | "unregistered" | "retired" | "measured";
  readonly duration: number | null;
}

const happenings = fc.array(
  fc.record({
    subject: fc.integer({ min: 0, max: 2 }),
    after: fc.integer({ min: 0, max: 200 }),
    late: fc.boolean(),
    what: fc.constantFrom<Happening["what"]>(...STATUSES, "ok", "ok", "unregistered", "retired", "measured"),
    duration: fc.option(fc.integer({ min: 1, max: 5000 })),
  }),
  { minLength: 1, maxLength: 40 },
);

function envelopesOf(list: readonly Happening[]): Envelope[] {
  const script = new Script();
  let now = START;
  return list.map(({ subject, after, late, what, duration }) => {
    now += after * STEP;
    const verdict = (STATUSES as readonly string[]).includes(what);
    return script.say({
      // A late event was observed two days before it was taken in.
      at: late ? Math.max(START, now - 2 * DAY) : now,
      received: now,
      subject: `thing/${subject}`,
      type: verdict ? "thing.checked" : what === "retired" ? "subject.retired" : `thing.${what}`,
      ...(verdict && { status: what as Status }),
      measures: duration === null ? {} : { duration: { value: duration, unit: "ms" } },
    });
  });
}

/** Everything in the database, as it can be compared. */
async function everything(db: TestStore): Promise<unknown> {
  db.now = START + 400 * DAY;
  const { items: subjects } = await db.history.days({ days: 400 });
  const { items: episodes } = await db.history.episodes({ limit: 1000 });
  const events = await Promise.all(
    subjects.map(({ subject }) => db.history.events({ subject, limit: 1000 })),
  );
  const measures = await Promise.all(
    subjects.map(({ subject }) =>
      db.history.measures({ subject, since: new Date(START).toISOString(), points: 1000 }),
    ),
  );
  return { subjects, episodes, events: events.map(({ items }) => items), measures };
}

test("roll-ups are what a slow and straightforward computation gives, however the events fall into batches", async () => {
  await fc.assert(
    fc.asyncProperty(
      happenings,
      fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
      async (list, sizes) => {
        const envelopes = envelopesOf(list);
        await using db = await TestStore.open();
        let from = 0;
        for (let round = 0; from < envelopes.length; round++) {
          const size = sizes[round % sizes.length] as number;
          await db.write(envelopes.slice(from, from + size));
          from += size;
        }
        db.now = START + 399 * DAY;
        const { items } = await db.history.days({ days: 400 });
        for (const { subject, days } of items) {
          const slow = slowHistory(
            envelopes.filter(({ event }) => event.subject === subject),
            STEP,
          );
          for (const day of days) {
            const expected = slow.days.get(Math.floor(Date.parse(day.day) / DAY));
            const { up = 0, down = 0, unknown = 0 } = expected ?? {};
            expect({ day: day.day, up: day.up, down: day.down, unknown: day.unknown }).toEqual({
              day: day.day,
              up,
              down,
              unknown,
            });
            expect(day.counts).toEqual(expected?.counts ?? { critical: 0, warning: 0, unknown: 0, ok: 0 });
            const sorted = expected?.latencies.toSorted((a, b) => a - b) ?? [];
            if (sorted.length === 0) expect(day.latency).toBeNull();
            else
              for (const [share, found] of [
                [0.5, day.latency?.p50],
                [0.95, day.latency?.p95],
              ] as const) {
                const exact = sorted[Math.ceil(share * sorted.length) - 1] as number;
                expect(Math.abs((found as number) - exact) / exact).toBeLessThan(0.05);
              }
          }
          const { items: episodes } = await db.history.episodes({ subject });
          expect(
            Object.fromEntries(
              episodes.map(({ id, began, ended, events, worst }) => [
                id,
                {
                  began: Date.parse(began),
                  ended: ended === null ? null : Date.parse(ended),
                  events,
                  critical: worst === "critical",
                },
              ]),
            ),
          ).toEqual(Object.fromEntries(slow.episodes));
        }
      },
    ),
    { numRuns: 30 },
  );
}, 60_000);

test("batches that come again, in part or in whole, over restarts and after commits that failed, change nothing", async () => {
  const troubles = fc.array(
    fc.record({
      size: fc.integer({ min: 1, max: 9 }),
      back: fc.integer({ min: 0, max: 9 }),
      trouble: fc.constantFrom("none", "none", "again", "restart", "fails"),
    }),
    { minLength: 1 },
  );
  await fc.assert(
    fc.asyncProperty(happenings, troubles, async (list, rounds) => {
      const envelopes = envelopesOf(list);
      await using calm = await TestStore.open();
      await calm.write(envelopes);
      await using db = await TestStore.open();
      let from = 0;
      for (let round = 0; from < envelopes.length; round++) {
        const { size, back, trouble } = rounds[round % rounds.length] as (typeof rounds)[number];
        const batch = envelopes.slice(Math.max(0, from - back), from + size);
        if (trouble === "fails") await failInTheMiddle(db, batch);
        await db.write(batch);
        if (trouble === "again") await db.write(batch);
        if (trouble === "restart") await db.reopen();
        from += size;
      }
      expect(await everything(db)).toEqual(await everything(calm));
    }),
    { numRuns: 15 },
  );
}, 60_000);

/** Everything of a transaction is done, but its commit fails. */
async function failInTheMiddle(db: TestStore, batch: readonly Envelope[]): Promise<void> {
  await db.close();
  await withConnection(db, async ({ bulk }) => {
    const writer = new BatchWriter(
      {
        transaction: (work, options) =>
          bulk.transaction(async (transaction) => {
            await work(transaction);
            throw new Error("the disk is full");
          }, options),
      },
      { origin: "here", started: 0, position: "journal-0" },
    );
    await expect(writer.write([batch])).rejects.toThrow("the disk is full");
  });
  await db.reopen();
}

async function withConnection(db: TestStore, act: (connected: Connected) => Promise<void>): Promise<void> {
  const connected = await connect({ kind: "sqlite", path: db.path });
  try {
    await act(connected);
  } finally {
    await connected.close();
  }
}

test("in a rush roll-ups stay in memory, and a process that dies leaves them to be made from the events", async () => {
  await using db = await TestStore.open();
  await db.close();
  const script = new Script();
  const batches = Array.from({ length: 3 }, (_, batch) =>
    Array.from({ length: 600 }, (_, index) =>
      script.say({
        at: START + (batch * 600 + index) * 1000,
        subject: `thing/${index % 50}`,
        status: index % 7 === 0 ? "critical" : "ok",
        measures: { duration: { value: index + 1, unit: "ms" } },
      }),
    ),
  );
  await withConnection(db, async ({ bulk, read }) => {
    const writer = new BatchWriter(bulk, { origin: "here", started: 0, position: "journal-0" });
    for (const batch of batches) await writer.write([batch]);
    expect(writer.unsaved).toBe(true);
    expect(await read((reader) => reader.selectFrom("days").selectAll().execute())).toEqual([]);
    // Nothing is saved at the end: as after kill -9.
  });
  await db.reopen();
  await using calm = await TestStore.open();
  for (const batch of batches) await calm.write(batch);
  // The first batch after the crash, which came before already, finds what was not rolled up.
  await db.write(batches[2] ?? []);
  expect(await everything(db)).toEqual(await everything(calm));
});

test("what a rush has left is rolled up in portions, without what may be large, and how much may be left is bounded", async () => {
  await using db = await TestStore.open();
  await db.close();
  const script = new Script();
  const batch = (message: string) =>
    Array.from({ length: 600 }, (_, index) =>
      script.say({ at: START + index * 1000, message, data: { long: "text" }, labels: { a: "label" } }),
    );
  await withConnection(db, async ({ bulk }) => {
    const writer = new BatchWriter(bulk, { origin: "here", started: 0, position: "journal-0" });
    for (let times = 0; times < 8; times++) await writer.write([batch("short")]);
    expect(writer.unsaved).toBe(true);
  });
  const portions: (readonly object[])[] = [];
  const reading = (bulk: Bulk): Bulk => ({
    transaction: (work, options) =>
      bulk.transaction((transaction) => {
        const unrolled: typeof transaction.unrolled = async (...range) => {
          const rows = await transaction.unrolled(...range);
          portions.push(rows);
          return rows;
        };
        return work({ ...transaction, unrolled });
      }, options),
  });
  await withConnection(db, async ({ bulk }) => {
    const writer = new BatchWriter(reading(bulk), { origin: "here", started: 0, position: "journal-0" });
    await writer.write([batch("short")]);
    expect(writer.unsaved).toBe(true);
    // As much text as is too much with what is there already.
    await writer.write([batch("x".repeat(2 ** 24 / 600))]);
    expect(writer.unsaved).toBe(false);
  });
  expect(portions.map((rows) => rows.length)).toEqual([4000, 800]);
  for (const row of portions.flat()) expect(Object.keys(row)).not.toContain("data");
});

test("two lifeguards that write into one database in turn roll up each other's events once", async () => {
  await using db = await TestStore.open();
  await db.close();
  const [here, there] = [new Script(), new Script({ origin: "there", prefix: "other" })];
  const make = (script: Script, batch: number) =>
    Array.from({ length: 510 }, (_, index) =>
      script.say({ at: START + (batch * 510 + index) * 1000, status: index % 5 === 0 ? "critical" : "ok" }),
    );
  const all: Envelope[][] = [];
  await withConnection(db, async ({ bulk }) => {
    const writers = [
      { script: here, writer: new BatchWriter(bulk, { origin: "here", started: 0, position: "journal-0" }) },
      {
        script: there,
        writer: new BatchWriter(bulk, { origin: "there", started: 0, position: "journal-0" }),
      },
    ];
    for (let batch = 0; batch < 4; batch++)
      for (const { script, writer } of writers) {
        const made = make(script, batch);
        all.push(made);
        await writer.write([made]);
      }
    for (const { writer } of writers) await writer.save();
  });
  await db.reopen();
  await using calm = await TestStore.open();
  // In pieces that are no rush.
  for (const batch of all)
    for (let from = 0; from < batch.length; from += 51) await calm.write(batch.slice(from, from + 51));
  expect(await everything(db)).toEqual(await everything(calm));
});

test("an event whose clock runs ahead accounts for no time that has not been", async () => {
  await using db = await TestStore.open();
  const script = new Script();
  await db.write([
    script.say({ at: START + 3000 * DAY, received: START }),
    script.say({ at: START + STEP, status: "critical" }),
  ]);
  db.now = START + STEP;
  const [found] = (await db.history.days({ days: 2 })).items;
  expect(found?.days.map(({ up }) => up)).toEqual([0, STEP]);
});
