import { setTimeout as pause } from "node:timers/promises";
import { sql } from "kysely";
import { sinkContract } from "lifeguard/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Envelope, STATUSES } from "../../../src/plugin/index.ts";
import database from "../../../src/sinks/database/index.ts";
import { Overtaken, type WriterState } from "../../../src/sinks/database/store/bulk.ts";
import { connect } from "../../../src/sinks/database/store/connect.ts";
import { RefusedEvents } from "../../../src/sinks/database/store/failure.ts";
import { PartQueue } from "../../../src/sinks/database/store/part-queue.ts";
import { HistoryStore } from "../../../src/sinks/database/store/store.ts";
import { Postgres, postgresMissing } from "../../servers/postgres.ts";
import { DAY, TestStore } from "../../unit/sinks/database/open-store.ts";
import { Script } from "../../unit/sinks/database/script.ts";

const START = Date.parse("2026-03-08T22:00:00Z");
const retention = { events: 30 * DAY, measures: 30 * DAY, episodes: 400 * DAY, days: 400 * DAY };

describe.skipIf(postgresMissing())("with a real PostgreSQL", () => {
  let server: Postgres;
  let databases = 0;
  beforeAll(async () => {
    server = await Postgres.start();
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  /** A database of a test's own. */
  async function place() {
    const name = `test_${++databases}`;
    await server.query(`create database ${name}`);
    return { kind: "postgres" as const, url: server.url.replace(/postgres$/, name), pool: 3 };
  }

  /** Some days of three subjects that are well, ill and gone. */
  function story(): Envelope[] {
    const script = new Script();
    return Array.from({ length: 3000 }, (_, index) => {
      const status = STATUSES[Math.floor(index / 100) % 7] ?? "ok";
      return script.say({
        at: START + index * 60_000,
        subject: `thing/${index % 3}`,
        ...(index % 500 === 499 ? { type: "thing.unregistered" } : { status }),
        message: `tab\t back\\slash ${index} 🦺`,
        labels: { team: "edge" },
        measures: { duration: { value: (index % 100) + 1, unit: "ms" } },
        data: { index },
      });
    });
  }

  test("it holds the very same history as SQLite", async () => {
    const stores = [await TestStore.open(), await TestStore.open({ place: await place() })];
    const envelopes = story();
    const told = [];
    for (const db of stores) {
      // Half of it in a rush, the rest in small pieces, some of them twice.
      for (let from = 0; from < 1800; from += 600) await db.write(envelopes.slice(from, from + 600));
      for (let from = 1800; from < 3000; from += 200)
        await db.write(envelopes.slice(Math.max(0, from - 50), from + 200));
      db.now = START + 3 * DAY;
      const { history } = db;
      told.push({
        days: await history.days({ days: 10 }),
        episodes: await history.episodes({}),
        changes: await history.events({ limit: 7 }),
        events: await history.events({ subject: "thing/1", since: "2026-03-09T00:00:00Z", limit: 50 }),
        measures: await history.measures({ subject: "thing/2", since: "2026-03-09T00:00:00Z", points: 7 }),
      });
      const { next } = await history.events({ subject: "thing/1" });
      told.push((await history.events({ subject: "thing/1", after: next ?? undefined })).items.length);
    }
    expect(told.slice(2)).toEqual(told.slice(0, 2));
    for (const db of stores) await db[Symbol.asyncDispose]();
  });

  test("retention takes from it what it takes from SQLite", async () => {
    await using db = await TestStore.open({ place: await place(), retention: { ...retention, events: DAY } });
    const envelopes = story();
    await db.write(envelopes);
    await db.store.settled();
    await db.pruneAll(START + 3000 * 60_000);
    const { items } = await db.history.events({ subject: "thing/0", limit: 1000 });
    expect(items).toHaveLength(480);
    await db.write(envelopes);
    expect((await db.history.events({ subject: "thing/0", limit: 1000 })).items).toHaveLength(480);
    await db.pruneAll(START + 1000 * DAY);
    expect((await db.history.events({ subject: "thing/0" })).items).toEqual([]);
    const { items: episodes } = await db.history.episodes({});
    // The third one was unregistered at last.
    expect(episodes.map(({ ended }) => ended)).toEqual([null, null]);
  });

  test("one lifeguard keeps its outage though another one forgets in less time than it was cut off", async () => {
    const where = await place();
    const open = (origin: string, events: number) =>
      TestStore.open({ place: where, retention: { ...retention, events }, origin });
    await using a = await open("a", 30 * DAY);
    await using b = await open("b", DAY);
    const [ofA, ofB] = [new Script({ origin: "a", prefix: "a" }), new Script({ origin: "b", prefix: "b" })];
    await a.write([ofA.say({ at: START })]);
    await b.write([ofB.say({ at: START })]);
    const backlog = [
      ofA.say({ at: START + DAY / 2, status: "critical" }),
      ofA.say({ at: START + DAY }),
      ofA.say({ at: START + 3 * DAY }),
    ];
    await b.write([ofB.say({ at: START + 3 * DAY })]);
    await b.pruneAll(START + 3 * DAY);
    await a.write(backlog);
    const told = async () => (await a.history.episodes({ origin: "a" })).items;
    expect(await told()).toMatchObject([{ duration: DAY / 2, events: 2 }]);
    await b.pruneAll(START + 4.5 * DAY);
    await a.write(backlog);
    expect(await told()).toMatchObject([{ duration: DAY / 2, events: 2 }]);
  });

  test("a database that an older lifeguard has left gets the present schema, and lasting episodes of what is gone end", async () => {
    const where = { kind: "postgres" as const, url: server.url, pool: 3, schema: "older" };
    await using db = await TestStore.open({ place: where });
    const script = new Script();
    await db.write(
      ["thing/ill", "thing/gone", "thing/well"].map((subject) =>
        script.say({ at: START, subject, status: "critical" }),
      ),
    );
    await db.write([
      script.say({ at: START + 1000, subject: "thing/gone", type: "subject.retired" }),
      script.say({ at: START + 2000, subject: "thing/well" }),
    ]);
    await db.close();
    for (const change of [
      "delete from older.lifeguard_migrations where name >= '0003'",
      "alter table older.watchers drop column journal, drop column seq, drop column started",
      "update older.episodes set ended = null",
      "alter table older.gaps drop constraint gaps_of_source, drop column source, alter column ended set not null, add constraint gaps_key primary key (origin, began)",
    ])
      await server.query(change);
    await db.reopen({ place: where });
    const { items } = await db.history.episodes({});
    expect(items.map(({ subject, ended }) => [subject, ended && Date.parse(ended) - START]).sort()).toEqual([
      ["thing/gone", 1000],
      ["thing/ill", null],
      ["thing/well", 2000],
    ]);
    await db.write([script.say({ at: START + 3000, subject: "thing/ill" })]);
  });

  test("what it cannot hold is stored escaped, however long the names are", async () => {
    await using db = await TestStore.open({ place: await place() });
    const script = new Script();
    const subject = `thing/${"語".repeat(500)}`;
    await db.write([
      script.say({
        at: START,
        subject,
        id: "é".repeat(512),
        source: "源".repeat(512),
        origin: "o".repeat(512),
        message: "a\0b \ud800",
        data: { text: "\0\ud800" },
        measures: { ["m".repeat(300)]: { value: 1, unit: "ms" }, "x\0": { value: 1e300, unit: "\\N" } },
      }),
    ]);
    const { items } = await db.history.events({ subject });
    expect(items[0]?.event).toMatchObject({ message: "a\\u0000b \ufffd", data: { text: "\0\ud800" } });
    const series = await db.history.measures({ subject, since: new Date(START - 1000).toISOString() });
    expect(series.map(({ name, unit }) => [name, unit])).toEqual([["x\\u0000", "\\N"]]);
  });

  test("the largest numbers have the mean that they have in SQLite", async () => {
    const stores = [await TestStore.open(), await TestStore.open({ place: await place() })];
    const values = [1e308, 1e308, -1e308, 1e200, 3, -5e-324];
    const told = [];
    for (const db of stores) {
      const script = new Script();
      await db.write(
        values.map((value, at) =>
          script.say({ at: START + at * 20_000, measures: { latency: { value, unit: "s" } } }),
        ),
      );
      const span = { since: "2026-03-08T22:00:00Z", until: "2026-03-08T22:02:00Z", points: 3 };
      told.push(await db.history.measures({ subject: "thing/one", ...span }), await db.history.days({}));
      await db[Symbol.asyncDispose]();
    }
    expect(told.slice(2)).toEqual(told.slice(0, 2));
    expect(told[0]).toMatchObject([{ points: [{ mean: 1e308 }, {}, { mean: 1.5 }] }]);
  });

  test("of a batch with an event that it refuses, only that one is refused", async () => {
    await using db = await TestStore.open({ place: await place() });
    const batch = story().slice(0, 20);
    const broken = structuredClone(batch[7]) as Envelope;
    Object.assign(broken.event, { status: "nonsense" });
    const refusal = await db.write(batch.with(7, broken)).catch((error) => error);
    expect(refusal).toBeInstanceOf(RefusedEvents);
    expect(refusal.ids).toEqual([broken.event.id]);
    const counts = await Promise.all(
      [0, 1, 2].map(async (index) => (await db.history.events({ subject: `thing/${index}` })).items.length),
    );
    expect(counts.reduce((a, b) => a + b)).toBe(19);
  });

  test("it notices within half a minute that a lifeguard is gone without a word", async () => {
    const { change, close } = await connect(await place());
    const settings = await change((db) =>
      sql<{
        setting: string;
      }>`select setting from pg_settings where name like 'tcp_keepalives%' order by name`.execute(db),
    );
    await close();
    // Count, idle and interval: 15 + 3 * 5 seconds.
    expect(settings.rows.map(({ setting }) => setting)).toEqual(["3", "15", "5"]);
  });

  test("several lifeguards may make its tables at once, and write at once", async () => {
    const where = await place();
    const stores = await Promise.all(
      ["a", "b", "c"].map((origin) =>
        HistoryStore.open({ place: where, retention, origin, started: 0, position: "journal-0" }),
      ),
    );
    await Promise.all(
      stores.map(async (store, index) => {
        const origin = "abc"[index] as string;
        const script = new Script({ origin, prefix: origin });
        for (let batch = 0; batch < 5; batch++)
          await store.write(
            PartQueue.of(
              Array.from({ length: 600 }, (_, at) => script.say({ at: START + (batch * 600 + at) * 1000 })),
            ),
          );
      }),
    );
    const [store] = stores as [HistoryStore];
    await store.settled();
    const first = Math.floor(START / DAY);
    const { cells, subjects } = await store.read((reader) =>
      reader.days({ first, last: first + 1, limit: 10 }),
    );
    expect(subjects).toHaveLength(3);
    let oks = 0;
    for (let at = 5; at < cells.length; at += 12) oks += cells[at] as number;
    expect(oks).toBe(9000);
    await Promise.all(stores.map((store) => store.close()));
  });

  test("a writer that goes on from what it left notices that another one, or retention, came in between", async () => {
    const where = await place();
    const open = (origin: string) =>
      HistoryStore.open({ place: where, retention, origin, started: 0, position: "journal-0" });
    const [one, other] = [await open("one"), await open("other")];
    const scripts = new Map([
      [one, new Script({ origin: "one", prefix: "one" })],
      [other, new Script({ origin: "other", prefix: "other" })],
    ]);
    const said: string[] = [];
    const write = async (store: HistoryStore, round: number) => {
      const batch = Array.from({ length: 600 }, (_, at) =>
        (scripts.get(store) as Script).say({ at: START + (round * 600 + at) * 1000, status: "warning" }),
      );
      said.push(...batch.map(({ event }) => event.id));
      // In parts, of which the first is on its way before the server has said what it has.
      const parts = new PartQueue();
      for (let from = 0; from < 600; from += 200) parts.push(() => batch.slice(from, from + 200));
      parts.complete();
      await store.write(parts);
    };
    // After three in a row a writer expects to be alone; each of these comes into that.
    const turns = [one, one, one, other, one, one, one, other, other, other, one, one];
    for (const [round, store] of turns.entries()) {
      await write(store, round);
      if (round === 6) await server.query("update writer set pruned = 1", where.url);
    }
    await one.settled();
    await other.settled();
    const rows = await server.query<{ id: string; seq: string }>(
      "select id, seq from events order by seq",
      where.url,
    );
    expect(rows.map(({ id }) => id)).toEqual(said);
    const first = Math.floor(START / DAY);
    const { cells } = await one.read((reader) => reader.days({ first, last: first + 1, limit: 10 }));
    let warnings = 0;
    for (let at = 6; at < cells.length; at += 12) warnings += cells[at] as number;
    expect(warnings).toBe(said.length);
    await Promise.all([one.close(), other.close()]);
  });

  test("a transaction that goes on from something else than the server has leaves nothing, and says so", async () => {
    const where = await place();
    const { bulk, close } = await connect(where);
    const state = await bulk.transaction((transaction) => transaction.state(), { expected: null });
    const row = ["one", 1, 1, 1, "test.happened", 0, "OK", "", 0, null, 1, null, null, null, null];
    const append = (seq: number, expected: WriterState) =>
      bulk.transaction(
        async (transaction) => {
          expect(await transaction.state()).toBe(expected);
          const writer = { ...expected, generation: expected.generation + 1, next: seq + 1 };
          await transaction.append({
            events: [[seq, ...row]],
            measures: [],
            series: [],
            subjects: [],
          });
          await transaction.finish({ writer, watcher: null, gaps: [] });
        },
        { expected },
      );
    const count = async () => (await server.query("select 1 from events", where.url)).length;
    for (const wrong of [{ generation: 7 }, { next: 7 }, { rolled: 7 }, { pruned: 7 }])
      await expect(append(1, { ...state, ...wrong })).rejects.toThrow(Overtaken);
    expect(await count()).toBe(0);
    await append(1, state);
    expect(await count()).toBe(1);
    // The row is refused, too, but that is only what came of it.
    await expect(append(1, state)).rejects.toThrow(Overtaken);
    await close();
  });

  test("a server that hangs is given up at the abort, and written to again when it goes on", async () => {
    await using db = await TestStore.open({ place: await place() });
    const script = new Script();
    await db.write([script.say({ at: START })]);
    const thaw = server.freeze();
    const second = script.say({ at: START + 1000 });
    try {
      await expect(db.write([second], AbortSignal.timeout(300))).rejects.toThrow();
    } finally {
      thaw();
    }
    await expect
      .poll(
        () =>
          db.write([second]).then(
            () => true,
            () => false,
          ),
        { timeout: 10_000 },
      )
      .toBe(true);
    expect((await db.history.events({ subject: "thing/one" })).items).toHaveLength(2);
  });

  describe("whose connections are cut at random, the sink keeps the contract", () => {
    let rows: readonly string[] = [];
    let url = "";
    let polling: Promise<void>;
    const over = new AbortController();
    const poll = async () => {
      while (!over.signal.aborted) {
        const found = await server
          .query<{ subject: string }>(
            "select subject from events join subjects on subjects.id = subject_id where type = 'test.happened' order by seq",
            url,
          )
          .catch(() => []);
        if (found.length > 0) rows = found.map(({ subject }) => subject);
        // The server is asked again and again, and has work of the test to do between.
        await pause(20);
      }
    };
    beforeAll(async () => {
      url = (await place()).url;
      // The suite asks without waiting.
      polling = poll();
    });
    afterAll(async () => {
      over.abort();
      await polling;
    });
    const checks = sinkContract({
      definition: database,
      config: () => ({ url }),
      arrived: () => rows,
      disturb() {
        const flip = setInterval(() => {
          server
            .query(
              "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'lifeguard' and random() < 0.5",
            )
            .catch(() => {});
        }, 30);
        return () => clearInterval(flip);
      },
    });
    for (const { name, run } of checks.filter((check) =>
      /fails at random|stops at once|describes/.test(check.name),
    ))
      test(name, run, 60_000);
  });
});
