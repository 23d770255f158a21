import { expect, test } from "vitest";
import type { SubjectState } from "../../../../src/plugin/index.ts";
import { DAY, TestStore } from "./open-store.ts";
import { Script } from "./script.ts";

/** Noon of a day in UTC. */
const NOON = Date.parse("2026-03-10T12:00:00Z");
const HOUR = 3_600_000;

test("an event comes back as it went in", async () => {
  await using db = await TestStore.open();
  const script = new Script();
  const envelope = script.say({
    at: NOON,
    status: "critical",
    message: 'quotes " and \\ and 日本 and 🦺',
    labels: { team: "edge" },
    measures: { rtt: { value: 1.5, unit: "ms", warn: 10, crit: "20:" } },
    data: { nested: [1, null, { text: "a\u0000b" }] },
  });
  await db.write([envelope]);
  const { items, next } = await db.history.events({ subject: "thing/one" });
  const { seq: _, ...expected } = envelope;
  expect(items).toEqual([expected]);
  expect(next).toBeNull();
});

test("events come newest first, in pages that neither repeat nor skip, though many share a time", async () => {
  await using db = await TestStore.open();
  const script = new Script();
  const batch = Array.from({ length: 25 }, (_, index) => script.say({ at: NOON + Math.floor(index / 10) }));
  await db.write(batch);
  const seen: string[] = [];
  let after: string | undefined;
  for (;;) {
    const page = await db.history.events({ subject: "thing/one", limit: 4, after });
    seen.push(...page.items.map(({ event }) => event.id));
    if (page.next === null) break;
    expect(page.items).toHaveLength(4);
    after = page.next;
  }
  expect(seen).toEqual(batch.map(({ event }) => event.id).reverse());
});

test("a span takes in its beginning and leaves out its end; a limit is bounded", async () => {
  await using db = await TestStore.open();
  const script = new Script();
  await db.write(Array.from({ length: 1200 }, (_, index) => script.say({ at: NOON + index })));
  const time = (offset: number) => new Date(NOON + offset).toISOString();
  const { items } = await db.history.events({ subject: "thing/one", since: time(10), until: time(12) });
  expect(items.map(({ event }) => event.time)).toEqual([time(11), time(10)]);
  expect((await db.history.events({ subject: "thing/one", limit: 1e9 })).items).toHaveLength(1000);
});

test("without a subject the changes of all subjects come", async () => {
  await using db = await TestStore.open();
  const script = new Script();
  await db.write([
    script.say({ at: NOON, subject: "thing/one" }),
    script.say({ at: NOON + 1, subject: "thing/two", status: "critical" }),
    script.say({ at: NOON + 2, subject: "thing/two", status: "critical" }),
    script.say({ at: NOON + 3, subject: "thing/two", status: "ok" }),
    script.say({ at: NOON + 4, subject: "thing/one", status: "warning" }),
  ]);
  const { items } = await db.history.events({});
  expect(items.map(({ event }) => [event.subject, event.status])).toEqual([
    ["thing/one", "warning"],
    ["thing/two", "ok"],
    ["thing/two", "critical"],
  ]);
  const one = await db.history.events({ subject: "thing/two", changes: true });
  expect(one.items).toHaveLength(2);
});

test("an episode tells when it began and ended, its worst, and its first words", async () => {
  await using db = await TestStore.open();
  const script = new Script();
  await db.write([
    script.say({ at: NOON }),
    script.say({ at: NOON + HOUR, status: "warning", message: "getting full" }),
    script.say({ at: NOON + 2 * HOUR, status: "critical", message: "full" }),
  ]);
  await db.write([
    script.say({ at: NOON + 3 * HOUR, status: "ok" }),
    script.say({ at: NOON + 4 * HOUR, status: "critical", message: "again" }),
  ]);
  db.now = NOON + 6 * HOUR;
  const { items } = await db.history.episodes({ subject: "thing/one" });
  expect(items).toEqual([
    expect.objectContaining({
      message: "again",
      ended: null,
      duration: 2 * HOUR,
      worst: "critical",
      events: 1,
    }),
    {
      id: "event-2",
      origin: "here",
      source: "test",
      subject: "thing/one",
      began: "2026-03-10T13:00:00.000Z",
      ended: "2026-03-10T15:00:00.000Z",
      duration: 2 * HOUR,
      worst: "critical",
      state: "WARNING",
      message: "getting full",
      events: 3,
    },
  ]);
  const open = await db.history.episodes({ since: "2026-03-10T15:30:00Z" });
  expect(open.items.map(({ message }) => message)).toEqual(["again"]);
});

test("only ok and warning count as up, and unknown counts as neither", async () => {
  await using db = await TestStore.open();
  const script = new Script();
  await db.write([
    script.say({ at: NOON }),
    script.say({ at: NOON + HOUR, status: "warning" }),
    script.say({ at: NOON + 2 * HOUR, status: "critical" }),
    script.say({ at: NOON + 3 * HOUR, status: "unknown" }),
    script.say({ at: NOON + 7 * HOUR, status: "ok" }),
  ]);
  db.now = NOON + 7 * HOUR;
  const [found] = (await db.history.days({ subject: "thing/one", days: 1 })).items;
  expect(found?.days).toEqual([
    {
      day: "2026-03-10",
      worst: "critical",
      up: 2 * HOUR,
      down: HOUR,
      unknown: 4 * HOUR,
      uptime: 2 / 3,
      counts: { ok: 2, warning: 1, critical: 1, unknown: 1 },
      latency: null,
    },
  ]);
  expect(found?.uptime).toBe(2 / 3);
});

test("days are days in UTC, ninety of them, and the time since the last event counts while the board vouches for it", async () => {
  await using db = await TestStore.open();
  const script = new Script();
  // An hour before midnight UTC, which is another day in most zones.
  const late = Date.parse("2026-03-10T23:00:00Z");
  await db.write([script.say({ at: late, status: "critical" })]);
  db.now = Date.parse("2026-03-12T06:00:00Z");
  const days = async () => (await db.history.days({ subject: "thing/one" })).items[0]?.days ?? [];
  expect(await days()).toHaveLength(90);
  expect((await days()).at(-1)).toMatchObject({ day: "2026-03-12", worst: null, uptime: null });
  expect((await days()).at(-3)).toMatchObject({
    day: "2026-03-10",
    worst: "critical",
    uptime: null,
    down: 0,
  });
  db.states = [{ source: "test", origin: "here", stale: null } as SubjectState];
  expect((await days()).slice(-3).map(({ day, down, uptime }) => [day, down, uptime])).toEqual([
    ["2026-03-10", HOUR, 0],
    ["2026-03-11", DAY, 0],
    ["2026-03-12", 6 * HOUR, 0],
  ]);
  db.states = [
    { source: "test", origin: "here", stale: "not seen", seen: "2026-03-10T23:00:00Z" } as SubjectState,
  ];
  expect((await days()).at(-1)?.uptime).toBeNull();
});

test("days of all subjects come in pages", async () => {
  await using db = await TestStore.open();
  const script = new Script();
  await db.write(
    Array.from({ length: 7 }, (_, index) => script.say({ at: NOON, subject: `thing/${index}` })),
  );
  const seen: string[] = [];
  let after: string | undefined;
  do {
    const page = await db.history.days({ limit: 3, after, days: 2, until: "2026-03-10" });
    seen.push(...page.items.map(({ subject, days }) => `${subject} ${days.map(({ counts }) => counts.ok)}`));
    after = page.next ?? undefined;
  } while (after !== undefined);
  expect(seen).toEqual(Array.from({ length: 7 }, (_, index) => `thing/${index} 0,1`));
});

test("measures come in steps with least, most and mean", async () => {
  await using db = await TestStore.open();
  const script = new Script();
  await db.write(
    Array.from({ length: 60 }, (_, index) =>
      script.say({
        at: NOON + index * 60_000,
        measures: {
          rtt: { value: index, unit: "ms" },
          ...(index === 0 && { loss: { value: 0, unit: "%" } }),
        },
      }),
    ),
  );
  const series = await db.history.measures({
    subject: "thing/one",
    since: "2026-03-10T12:00:00Z",
    until: "2026-03-10T13:00:00Z",
    points: 6,
  });
  expect(series.map(({ name, unit }) => [name, unit])).toEqual([
    ["loss", "%"],
    ["rtt", "ms"],
  ]);
  expect(series[1]?.points).toHaveLength(6);
  expect(series[1]?.points[1]).toEqual({
    time: "2026-03-10T12:10:00.000Z",
    min: 10,
    max: 19,
    mean: 14.5,
    count: 10,
  });
  const only = await db.history.measures({
    subject: "thing/one",
    name: "loss",
    since: "2026-03-10T12:00:00Z",
  });
  expect(only).toHaveLength(1);
});

test("the largest numbers have a mean, and a latency that nobody can wait for is one that JSON can hold", async () => {
  await using db = await TestStore.open();
  db.now = NOON;
  const script = new Script();
  const say = (at: number, value: number) =>
    script.say({ at, measures: { latency: { value, unit: "s" }, level: { value: -value, unit: "" } } });
  await db.write([say(NOON - 1000, 1e308), say(NOON - 999, 1.7e308), say(NOON - 60_000, 3)]);
  const series = await db.history.measures({
    subject: "thing/one",
    since: "2026-03-10T11:59:00Z",
    until: "2026-03-10T12:00:00Z",
    points: 6,
  });
  expect(series.map(({ name, points }) => [name, ...points.map(({ mean }) => mean)])).toEqual([
    ["latency", 3, 1e308],
    ["level", -3, -1e308],
  ]);
  const [calendar] = (await db.history.days({ days: 1 })).items;
  const { p50, p95 } = calendar?.days[0]?.latency ?? { p50: 0, p95: 0 };
  expect(p50).toBe(p95);
  expect(p50).toBeGreaterThan(1e11);
  expect(p50).toBeLessThan(1e13);
});

test("a wrong time or cursor is refused", async () => {
  await using db = await TestStore.open();
  for (const query of [{ after: "nonsense" }, { since: "yesterday" }])
    await expect(db.history.events({ subject: "thing/one", ...query })).rejects.toMatchObject({
      code: "HISTORY_QUERY",
    });
  await expect(db.history.days({ until: "2026-3-1" })).rejects.toMatchObject({ code: "HISTORY_QUERY" });
});
