import { copyFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Harness } from "lifeguard/testkit";
import { expect, test } from "vitest";
import database from "../../../../src/sinks/database/index.ts";
import { ownFile } from "../../../../src/sinks/database/own-file.ts";
import { temporaryFolder } from "../../../support/temp-folder.ts";
import { until } from "../../../support/until.ts";

/** A data directory, and what a sink in it is given. */
function place(folder: string) {
  const own = join(folder, "instances", "sink", "database");
  mkdirSync(own, { recursive: true });
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  return { own, ctx: { dataFile: (name: string) => join(folder, name), dataDir: () => own, log } };
}

test("the file is history.db in the data directory, and a second sink without a place of its own is refused", async () => {
  using folder = temporaryFolder();
  const sinks = {
    database: { definition: database, config: {} },
    second: { definition: database, config: {} },
    third: { definition: database, config: { url: join(folder.path, "third.db") } },
  };
  await using harness = await Harness.start({ sinks, dataDirectory: folder.path });
  const state = (name: string) =>
    harness.pipeline.health.components().find(({ id }) => id === `sink/${name}`);
  expect(state("second")).toMatchObject({
    state: "permanent",
    message: expect.stringMatching(/history\.db is kept by sinks\.database.*sinks\.second/),
  });
  const runs = (name: string) => until(`${name} to run`, () => state(name)?.state === "ok");
  for (const name of ["database", "third"]) await runs(name);
  for (const name of ["history.db", "third.db"]) expect(existsSync(join(folder.path, name))).toBe(true);

  // Without the first one the file is free.
  await harness.apply({ sinks: { fourth: { definition: database, config: {} } } });
  await runs("fourth");
});

test("a file in the old place moves with everything that a crash has left beside it", () => {
  using folder = temporaryFolder();
  const { own, ctx } = place(folder.path);
  const old = join(own, "history.db");
  const elsewhere = join(folder.path, "elsewhere.db");
  const running = new DatabaseSync(elsewhere);
  running.exec("pragma journal_mode = wal; create table kept (x); insert into kept values (7)");
  // As after kill -9: the rows are in the log only.
  for (const end of ["", "-wal"]) copyFileSync(elsewhere + end, old + end);
  running.close();
  expect(ownFile(ctx)).toBe(join(folder.path, "history.db"));
  expect(existsSync(old)).toBe(false);
  const moved = new DatabaseSync(join(folder.path, "history.db"));
  expect(moved.prepare("select x from kept").all()).toEqual([{ x: 7 }]);
  moved.close();
});

test("a file that another program has open is not torn from it", () => {
  using folder = temporaryFolder();
  const { own, ctx } = place(folder.path);
  const reading = new DatabaseSync(join(own, "history.db"));
  reading.exec("pragma journal_mode = wal; create table kept (x)");
  expect(() => ownFile(ctx)).toThrow(/another program has it open/);
  expect(existsSync(join(folder.path, "history.db"))).toBe(false);
  reading.close();
});

test("a file that is there already stays, and so does the one in the old place", () => {
  using folder = temporaryFolder();
  const { own, ctx } = place(folder.path);
  writeFileSync(join(own, "history.db"), "old");
  writeFileSync(join(folder.path, "history.db"), "new");
  expect(ownFile(ctx)).toBe(join(folder.path, "history.db"));
  expect(existsSync(join(own, "history.db"))).toBe(true);
});
