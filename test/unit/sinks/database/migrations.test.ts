import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { HistoryStore } from "../../../../src/sinks/database/store/store.ts";
import { DAY, TestStore } from "./open-store.ts";
import { Script } from "./script.ts";

function open(path: string): Promise<HistoryStore> {
  return HistoryStore.open({
    place: { kind: "sqlite", path },
    retention: { events: DAY, measures: DAY, episodes: DAY, days: DAY },
    origin: "here",
    started: 0,
    position: "journal-0",
  });
}

/** Takes back the third schema, and what came later. */
const BEFORE_THREE =
  "delete from lifeguard_migrations where name >= '0003'; create table older (origin text not null, began integer not null, ended integer not null, primary key (origin, began)); insert into older select origin, began, ended from gaps; drop table gaps; alter table older rename to gaps; alter table watchers drop column journal; alter table watchers drop column seq; alter table watchers drop column started;";

function change(path: string, sql: string): void {
  const file = new DatabaseSync(path);
  file.exec(sql);
  file.close();
}

test("an empty file gets the whole schema, once", async () => {
  await using db = await TestStore.open();
  await db.write([new Script().say({ at: 0 })]);
  await db.reopen();
  expect((await db.history.events({ subject: "thing/one" })).items).toHaveLength(1);
});

test("a database that an older lifeguard has begun, without a table, gets it", async () => {
  await using db = await TestStore.open();
  await db.close();
  // As it was before the first migration: only the migrator's own tables.
  const file = new DatabaseSync(db.path);
  const tables = file
    .prepare("select name from sqlite_master where type = 'table' and name not like 'lifeguard_%'")
    .all();
  for (const { name } of tables) file.exec(`drop table ${name}`);
  file.exec("delete from lifeguard_migrations");
  file.close();
  await db.reopen();
  await db.write([new Script().say({ at: 0 })]);
  expect((await db.history.events({ subject: "thing/one" })).items).toHaveLength(1);
});

test("a database of the first schema tells the same latencies as one that began with the present one", async () => {
  await using db = await TestStore.open();
  const script = new Script();
  const lasted = (at: number, value: number) =>
    script.say({ at, subject: `thing/${at % 3}`, measures: { duration: { value, unit: "ms" } } });
  await db.write(Array.from({ length: 1800 }, (_, index) => lasted(index * 3_600_000, index % 70)));
  await db.write([script.say({ at: 1, subject: "thing/untimed" })]);
  db.now = 1800 * 3_600_000;
  const before = await db.history.days({ days: 90 });
  expect(before.items[0]?.days.at(-5)?.latency).not.toBeNull();
  await db.close();
  change(
    db.path,
    `${BEFORE_THREE} alter table days drop column p50; alter table days drop column p95; delete from lifeguard_migrations where name >= '0002'`,
  );
  await db.reopen();
  expect(await db.history.days({ days: 90 })).toEqual(before);
});

test("a database that knew no numbers of the journal goes on from what it has", async () => {
  await using db = await TestStore.open();
  const script = new Script();
  await db.write([script.say({ at: 0 })]);
  await db.store.watched(3_600_000);
  await db.close();
  change(db.path, BEFORE_THREE);
  await db.reopen({ started: 2 * 3_600_000 });
  const later = script.say({ at: 3 * 3_600_000 });
  await db.write([later]);
  await db.write([later]);
  db.now = 3 * 3_600_000;
  const [found] = (await db.history.days({ days: 1 })).items;
  expect(found?.days[0]).toMatchObject({ up: 2 * 3_600_000, counts: { ok: 2 } });
});

test("the gaps of an older schema still count as nothing", async () => {
  await using db = await TestStore.open();
  const script = new Script();
  await db.write([script.say({ at: 0 })]);
  await db.store.watched(3_600_000);
  await db.reopen({ started: 2 * 3_600_000 });
  await db.write([script.say({ at: 3 * 3_600_000, subject: "thing/two" })]);
  await db.close();
  change(db.path, BEFORE_THREE);
  await db.reopen({ started: 2 * 3_600_000 });
  await db.write([script.say({ at: 4 * 3_600_000 })]);
  db.now = 4 * 3_600_000;
  const [found] = (await db.history.days({ subject: "thing/one", days: 1 })).items;
  expect(found?.days[0]?.up).toBe(2 * 3_600_000);
});

test("episodes that nothing would have ended are, and those of no length go", async () => {
  await using db = await TestStore.open();
  const script = new Script();
  const ill = (subject: string) => script.say({ at: 1000, subject, status: "critical" });
  await db.write(["thing/ill", "thing/gone", "thing/well"].map(ill));
  await db.write([
    script.say({ at: 5000, subject: "thing/gone", type: "subject.retired" }),
    script.say({ at: 7000, subject: "thing/well" }),
  ]);
  await db.close();
  change(
    db.path,
    `${BEFORE_THREE} update episodes set ended = null;
    insert into episodes select 'nothing', subject_id, 9000, 9000, 0, 1, 'OK', '' from episodes limit 1`,
  );
  await db.reopen();
  const { items } = await db.history.episodes({});
  expect(items.map(({ subject, ended }) => [subject, ended && Date.parse(ended)]).sort()).toEqual([
    ["thing/gone", 5000],
    ["thing/ill", null],
    ["thing/well", 7000],
  ]);
});

test("a database of a newer lifeguard is left alone, and a person is told", async () => {
  await using db = await TestStore.open();
  await db.close();
  change(db.path, "insert into lifeguard_migrations values ('9999', '2030-01-01T00:00:00Z')");
  await expect(open(db.path)).rejects.toMatchObject({ code: "CONFIG", message: /newer lifeguard/ });
});

test("a migration that fails leaves nothing behind", async () => {
  await using db = await TestStore.open();
  await db.close();
  change(
    db.path,
    "delete from lifeguard_migrations; drop table watchers; drop table writer; drop table gaps; drop table subjects",
  );
  // The tables that are left are in the way.
  await expect(open(db.path)).rejects.toThrow(/already exists/);
  const file = new DatabaseSync(db.path);
  expect(file.prepare("select name from sqlite_master where name = 'writer'").all()).toEqual([]);
  file.close();
});
