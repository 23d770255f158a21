import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pack } from "../../../src/sinks/database/packed.ts";
import { StoreThread } from "../../../src/sinks/database/store-thread.ts";
import { Postgres, postgresMissing } from "../../servers/postgres.ts";
import { SilentProxy } from "../../servers/silent-proxy.ts";
import { until } from "../../support/until.ts";
import { DAY } from "../../unit/sinks/database/open-store.ts";
import { Script } from "../../unit/sinks/database/script.ts";

const START = Date.UTC(2026, 2, 10, 12);
const retention = { events: 30 * DAY, measures: 30 * DAY, episodes: 400 * DAY, days: 400 * DAY };

/** How long a page waits, and a sink. */
const PATIENCE = 300;
const TIMEOUT = 1000;

describe.skipIf(postgresMissing())("connections to PostgreSQL that go silent", () => {
  let server: Postgres;
  beforeAll(async () => {
    server = await Postgres.start();
  }, 60_000);
  afterAll(() => server[Symbol.asyncDispose]());

  /** A store whose connections lead through a proxy, in a database of its own. */
  async function open(name: string) {
    await server.query(`create database ${name}`);
    const direct = server.url.replace(/\/postgres$/, `/${name}`);
    const proxy = await SilentProxy.start(server.port);
    const place = {
      kind: "postgres",
      pool: 4,
      url: direct.replace(`${server.port}`, `${proxy.port}`),
    } as const;
    const thread = new StoreThread({ place, retention, origin: "here", started: 0, position: "journal-0" });
    await thread.open();
    const script = new Script();
    let count = 0;
    return {
      proxy,
      thread,
      direct,
      /** Writes three events, as often as it takes. */
      async write() {
        const batch = Array.from({ length: 3 }, () => script.say({ at: START + count++ * 1000 }));
        const text = JSON.stringify(batch.map(pack));
        await until(
          "a batch to be written",
          () => thread.write([text], AbortSignal.timeout(TIMEOUT)).then(() => true),
          60_000,
        );
      },
      /** What a look at a service's page asks for. */
      look: (signal?: AbortSignal) =>
        Promise.all([
          thread.call("events", { subject: "thing/one" }, signal),
          thread.call("episodes", { subject: "thing/one" }, signal),
          thread.call("measures", { query: { subject: "thing/one" }, now: START }, signal),
          thread.call("days", { subject: "thing/one", first: 1, last: 2, limit: 1 }, signal),
        ]),
      async [Symbol.asyncDispose]() {
        await thread.close(800);
        proxy[Symbol.dispose]();
      },
    };
  }

  test("keep neither readers nor the writer from the server", async () => {
    await using store = await open("looked_at");
    await store.write();
    await store.look();
    store.proxy.silence();
    await expect(store.look(AbortSignal.timeout(PATIENCE))).rejects.toThrow(/timeout/);
    await store.write();
    await until(
      "an answer",
      () => store.look(AbortSignal.timeout(PATIENCE)).then(([{ items }]) => items.length === 6),
      40_000,
    );
    expect(
      await server.query(
        "select count(*)::int, max(generation)::int >= 2 as again from events, writer",
        store.direct,
      ),
    ).toEqual([{ count: 6, again: true }]);
  }, 120_000);

  test("are given up by what has no limit of its own", async () => {
    const calls = [
      ["prune", START],
      ["watched", START],
      ["unwatched", { began: START, ended: START + 5000 }],
      ["sources", { states: [{ source: "script", fails: true, since: START }], now: START }],
      ["measures", { query: { subject: "thing/one" }, now: START }],
    ] as const;
    await Promise.all(
      calls.map(async ([call, argument]) => {
        await using store = await open(call);
        const ask = () => store.thread.call(call, argument as never);
        await store.write();
        await store.look();
        store.proxy.silence();
        await expect(ask()).rejects.toThrow();
        await ask();
        await store.write();
      }),
    );
  }, 120_000);

  test("a query that is given up does not go on at the server for ever", async () => {
    await using store = await open("slow");
    await store.write();
    const hold = server.query("begin; lock table measures, events; select pg_sleep(15)", store.direct);
    await until("the lock", async () => (await locks(true)).length > 0);
    for (let times = 0; times < 4; times++)
      await expect(
        store.thread.call("events", { subject: "thing/one" }, AbortSignal.timeout(PATIENCE)),
      ).rejects.toThrow(/timeout/);
    expect(await locks(false)).toHaveLength(4);
    await until("them to be cancelled", async () => (await locks(false)).length === 0, 20_000);
    expect(await locks(true)).not.toHaveLength(0);
    await hold;
    expect((await store.thread.call("events", { subject: "thing/one" })).items).toHaveLength(3);
  }, 60_000);

  /** The locks on tables of events that somebody has, or waits for. */
  function locks(granted: boolean) {
    return server.query(
      `select pid from pg_locks where mode = '${granted ? "AccessExclusiveLock" : "AccessShareLock"}' and granted = ${granted} and locktype = 'relation' and pid <> pg_backend_pid()`,
    );
  }
});
