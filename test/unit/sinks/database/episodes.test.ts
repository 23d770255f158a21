import { expect, test } from "vitest";
import { DAY, TestStore } from "./open-store.ts";
import { Script } from "./script.ts";

const NOON = Date.parse("2026-03-10T12:00:00Z");
const HOUR = 3_600_000;

async function told(db: TestStore, subject = "thing/one"): Promise<unknown[]> {
  const { items } = await db.history.episodes({ subject });
  return items.map(({ began, ended, events }) => ({
    began: Date.parse(began) - NOON,
    ended: ended === null ? null : Date.parse(ended) - NOON,
    events,
  }));
}

test.each(["subject.retired", "thing.unregistered"])(
  "an episode ends with %s, and is forgotten in time",
  async (type) => {
    await using db = await TestStore.open();
    const script = new Script();
    await db.write([script.say({ at: NOON, status: "critical" })]);
    await db.reopen();
    await db.write([script.say({ at: NOON + HOUR, type })]);
    expect(await told(db)).toEqual([{ began: 0, ended: HOUR, events: 1 }]);
    await db.pruneAll(NOON + 1000 * DAY);
    expect(await told(db)).toEqual([]);
  },
);

test("an episode goes on where its subject is watched again and still ill", async () => {
  await using db = await TestStore.open();
  const script = new Script();
  await db.write([
    script.say({ at: NOON, status: "critical" }),
    script.say({ at: NOON + HOUR, type: "thing.unregistered" }),
  ]);
  await db.write([script.say({ at: NOON + 2 * HOUR, status: "critical" })]);
  expect(await told(db)).toEqual([{ began: 0, ended: null, events: 2 }]);
  await db.write([script.say({ at: NOON + 3 * HOUR })]);
  expect(await told(db)).toEqual([{ began: 0, ended: 3 * HOUR, events: 3 }]);
});

test("what lasted ends where it was last known when its subject begins anew, also in one batch with that", async () => {
  await using db = await TestStore.open();
  const before = new Script();
  await db.write([
    before.say({ at: NOON, status: "critical" }),
    before.say({ at: NOON + HOUR, status: "critical" }),
    before.say({ at: NOON, subject: "thing/two", status: "warning" }),
  ]);
  // Another journal, that knows nothing of it.
  await db.reopen({ position: "anew-0" });
  const after = new Script({ prefix: "later" });
  await db.write([
    after.say({ at: NOON + 5 * HOUR }),
    after.say({ at: NOON + 5 * HOUR, subject: "thing/two", status: "critical" }),
    after.say({ at: NOON + 6 * HOUR, subject: "thing/three", status: "critical" }),
    after.say({ at: NOON + 7 * HOUR, subject: "thing/three", type: "subject.retired" }),
    after.say({ at: NOON + 8 * HOUR, subject: "thing/three", status: "critical" }),
  ]);
  expect(await told(db)).toEqual([{ began: 0, ended: HOUR, events: 2 }]);
  expect(await told(db, "thing/two")).toEqual([
    { began: 5 * HOUR, ended: null, events: 1 },
    { began: 0, ended: 0, events: 1 },
  ]);
  expect(await told(db, "thing/three")).toEqual([
    { began: 8 * HOUR, ended: null, events: 1 },
    { began: 6 * HOUR, ended: 7 * HOUR, events: 1 },
  ]);
});

test("a recovery from what was never written makes no episode", async () => {
  const script = new Script();
  const ill = script.say({ at: NOON, status: "critical" });
  const worse = script.say({ at: NOON + HOUR, subject: "thing/two", status: "critical" });
  await using first = await TestStore.open();
  await first.write([ill, worse]);
  await using db = await TestStore.open();
  await db.write([script.say({ at: NOON + 2 * HOUR })]);
  expect(await told(db)).toEqual([]);
  // What still lasts began when it began.
  await db.write([script.say({ at: NOON + 2 * HOUR, subject: "thing/two", status: "critical" })]);
  expect(await told(db, "thing/two")).toEqual([{ began: HOUR, ended: null, events: 1 }]);
});

test("a dead letter that began an episode makes none that lasts after its recovery", async () => {
  await using db = await TestStore.open();
  const script = new Script();
  await db.write([script.say({ at: NOON })]);
  const letter = script.say({ at: NOON + HOUR, status: "critical" });
  await db.write([script.say({ at: NOON + 2 * HOUR })]);
  await db.write([letter]);
  await db.write([script.say({ at: NOON + 3 * HOUR })]);
  db.now = NOON + 100 * HOUR;
  expect(await told(db)).toEqual([{ began: HOUR, ended: HOUR, events: 1 }]);
});

test("the first event of a subject, as a dead letter, ends no episode that began after it", async () => {
  await using db = await TestStore.open();
  const script = new Script();
  const letter = script.say({ at: NOON });
  await db.write([
    script.say({ at: NOON + HOUR, status: "critical" }),
    script.say({ at: NOON + 2 * HOUR, status: "critical" }),
  ]);
  await db.write([letter]);
  db.now = NOON + 5 * HOUR;
  expect(await told(db)).toEqual([{ began: HOUR, ended: null, events: 2 }]);
});
