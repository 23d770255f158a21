import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PostgresPlace } from "../../../src/sinks/database/store/connected.ts";
import { HistoryStore } from "../../../src/sinks/database/store/store.ts";
import { Postgres, postgresMissing } from "../../servers/postgres.ts";
import { until } from "../../support/until.ts";
import { DAY, TestStore } from "../../unit/sinks/database/open-store.ts";
import { Script } from "../../unit/sinks/database/script.ts";

const retention = { events: 30 * DAY, measures: 30 * DAY, episodes: 400 * DAY, days: 400 * DAY };
const PASSWORD = "with: all/@%41 sorts?&#";

describe.skipIf(postgresMissing())("a PostgreSQL that others look after", () => {
  let server: Postgres;
  let cert = "";
  beforeAll(async () => {
    server = await Postgres.start();
    const files = server.certificate();
    cert = files.cert;
    await server.query(`create user guest password '${PASSWORD}'`);
    await server.configure(
      ["hostnossl secured guest 127.0.0.1/32 reject", "host all guest 127.0.0.1/32 scram-sha-256"],
      { ssl: "on", ssl_cert_file: files.cert, ssl_key_file: files.key },
    );
    await server.query("create database secured owner guest");
    await server.query("create database strict");
    await server.query("create database shared owner guest");
    await until("the certificate to be in use", async () => {
      await opening({ url: url("secured", "?sslmode=require") });
      return true;
    });
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  /** Of the user who may not do everything. */
  const url = (database: string, options = "", host = "127.0.0.1") =>
    `postgres://guest@${host}:${server.port}/${database}${options}`;
  const place = (one: Partial<PostgresPlace>): PostgresPlace => ({
    kind: "postgres",
    url: url("secured"),
    pool: 3,
    password: PASSWORD,
    ...one,
  });
  /** Opens it and closes it again. */
  async function opening(one: Partial<PostgresPlace>): Promise<void> {
    const store = await HistoryStore.open({
      place: place(one),
      retention,
      origin: "here",
      started: 0,
      position: "journal-0",
    });
    await store.close();
  }

  test("a password of any signs gets in, a wrong one is told without repeating it", async () => {
    await opening({ url: url("shared") });
    await expect(opening({ url: url("shared"), password: "wrong-word" })).rejects.toThrow(
      /^password authentication failed for user "guest": the password comes from/,
    );
  });

  test("sslmode means what PostgreSQL's manual says", async () => {
    for (const mode of [
      "require",
      "prefer",
      `verify-ca&sslrootcert=${cert}`,
      `verify-full&sslrootcert=${cert}`,
    ])
      await opening({ url: url("secured", `?sslmode=${mode}`) });
    await expect(opening({ url: url("secured", "?sslmode=disable") })).rejects.toThrow(/no encryption/);
    await expect(opening({ url: url("secured", "?sslmode=verify-full") })).rejects.toThrow(
      /self-signed certificate.*: name the certificate's authority with sslrootcert=/,
    );
    // By another name than the certificate's.
    const elsewhere = (mode: string) =>
      opening({ url: url("secured", `?sslmode=${mode}&sslrootcert=${cert}`, "localhost") });
    await elsewhere("verify-ca");
    await expect(elsewhere("verify-full")).rejects.toThrow(/does not match certificate's altnames/);
  });

  test("a schema that this user may not fill is told with what to do", async () => {
    await expect(opening({ url: url("strict") })).rejects.toThrow(
      /^permission denied for schema public: let its owner grant usage and create on the schema/,
    );
    await server.query(
      "revoke usage on schema public from public",
      server.url.replace(/postgres$/, "strict"),
    );
    await expect(opening({ url: url("strict") })).rejects.toThrow(/no schema in the search path/);
    await server.query("create schema authorization guest", server.url.replace(/postgres$/, "strict"));
    await opening({ url: url("strict") });
  });

  test("a database that is not there is told with what to do", async () => {
    await expect(opening({ url: url("nowhere") })).rejects.toThrow(
      /^database "nowhere" does not exist: make it with createdb/,
    );
  });

  test("two schemas of one database know nothing of each other", async () => {
    const schemas = ['first "one"', "second"];
    for (const [index, schema] of schemas.entries()) {
      await using db = await TestStore.open({ place: place({ url: url("shared"), schema }) });
      const script = new Script();
      await db.write(Array.from({ length: index + 1 }, (_, at) => script.say({ at: 1000 * at })));
    }
    for (const [index, schema] of schemas.entries()) {
      await using db = await TestStore.open({ place: place({ url: url("shared"), schema }) });
      expect((await db.history.events({ subject: "thing/one" })).items).toHaveLength(index + 1);
    }
  });

  test("two lifeguards in one database are told apart by their origin", async () => {
    const where = place({ url: url("shared"), schema: "both" });
    await using here = await TestStore.open({ place: where });
    await using there = await TestStore.open({ place: where, origin: "there" });
    const scripts = [new Script(), new Script({ origin: "there", prefix: "other" })] as const;
    for (let round = 0; round < 5; round++) {
      await here.write([scripts[0].say({ at: 1000 * round })]);
      await there.write([scripts[1].say({ at: 1000 * round, status: "critical" })]);
    }
    for (const db of [here, there]) {
      db.now = 10_000;
      const { items } = await db.history.days({ subject: "thing/one", until: "1970-01-01", days: 1 });
      expect(items.map(({ origin, uptime }) => [origin, uptime])).toEqual([
        ["here", 1],
        ["there", 0],
      ]);
      const { items: own } = await db.history.events({ subject: "thing/one", origin: "there" });
      expect(own).toHaveLength(5);
    }
  });
});
