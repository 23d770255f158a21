import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { connect } from "../../../../src/sinks/database/store/connect.ts";
import { StoreThread } from "../../../../src/sinks/database/store-thread.ts";
import { temporaryFolder } from "../../../support/temp-folder.ts";
import { DAY } from "./open-store.ts";

const failure = (path: string) =>
  connect({ kind: "sqlite", path }).then(
    () => null,
    (error) => error,
  );

test("a file that can never be the database is refused for good, by its name", async () => {
  using folder = temporaryFolder();
  const text = join(folder.path, "notes.txt");
  writeFileSync(text, "these are notes and no database\n".repeat(100));
  expect(await failure(text)).toMatchObject({
    code: "CONFIG",
    message: `${text} is no database of SQLite: name another file, or move this one away`,
  });
  const below = join(text, "history.db");
  expect(await failure(below)).toMatchObject({ code: "CONFIG", message: expect.stringContaining(below) });
  expect(await failure(join(below, "history.db"))).toMatchObject({ code: "CONFIG" });
  const inner = join(folder.path, "inner");
  mkdirSync(inner);
  expect(await failure(inner)).toMatchObject({
    code: "CONFIG",
    message: `${inner} is a folder: name a file, such as ${inner}/history.db`,
  });
  const retention = { events: DAY, measures: DAY, episodes: DAY, days: DAY };
  const thread = new StoreThread({
    place: { kind: "sqlite", path: text },
    retention,
    origin: "here",
    started: 0,
    position: "journal-0",
  });
  await expect(thread.open()).rejects.toMatchObject({ code: "CONFIG" });
  await thread.close(1000);
});

test("a file that another program has locked is named, and may be tried again", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "history.db");
  const other = new DatabaseSync(path);
  other.exec("create table x (a); begin exclusive");
  const error = await failure(path);
  expect(error.message).toBe(
    `${path}: database is locked: another program has locked it, and it is tried again until that one lets go`,
  );
  expect(error.code).toBeUndefined();
  other.close();
  const { bulk, close } = await connect({ kind: "sqlite", path });
  const busy = new DatabaseSync(path);
  busy.exec("begin immediate");
  const write = bulk.transaction((transaction) => transaction.state(), { expected: null });
  await expect(write).rejects.toThrow(`${path}: database is locked: `);
  busy.close();
  await bulk.transaction((transaction) => transaction.state(), { expected: null });
  await close();
});
