import { copyFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import type { Board, SinkContext } from "../../../../src/plugin/index.ts";
import { databaseSink } from "../../../../src/sinks/database/sink.ts";
import { FakeClock } from "../../../../src/testkit/fake-clock.ts";
import { temporaryFolder } from "../../../support/temp-folder.ts";
import { DAY } from "./open-store.ts";
import { Script } from "./script.ts";

/** The sink on a file, whose writes can be told apart by their messages. */
async function open(path: string, prefix = "event") {
  const warnings: string[] = [];
  const log = { debug() {}, info() {}, warn: (message: string) => void warnings.push(message), error() {} };
  const board = { find: () => [] } as unknown as Board;
  const clock = new FakeClock("2026-01-31T12:00:00.000Z");
  const sink = await databaseSink(
    {
      place: { kind: "sqlite", path },
      retention: { events: 30 * DAY, measures: 30 * DAY, episodes: 400 * DAY, days: 400 * DAY },
      started: 0,
    },
    {
      origin: "here",
      position: () => "journal-0",
      health: { components: () => [] },
      log,
      board,
      clock,
    } as unknown as SinkContext,
  );
  const script = new Script({ prefix });
  const write = async (message: string) =>
    sink.write?.([script.say({ at: 1000, message })], new AbortController().signal);
  return { warnings, write, [Symbol.asyncDispose]: () => sink.close() };
}

function written(path: string): unknown[] {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    return db
      .prepare("select message from events order by seq")
      .all()
      .map(({ message }) => message);
  } finally {
    db.close();
  }
}

test("where the file is removed while it is written to, only the past is lost, and the log says so once", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "history.db");
  {
    await using sink = await open(path);
    await sink.write("first");
    for (const suffix of ["", "-wal", "-shm"]) rmSync(path + suffix, { force: true });
    await sink.write("second");
    await sink.write("third");
    expect(sink.warnings).toEqual([expect.stringContaining("removed or replaced")]);
  }
  expect(written(path)).toEqual(["second", "third"]);
});

test("where another file takes its place, that one is gone on with, whatever the old one left beside it", async () => {
  using folder = temporaryFolder();
  const [path, backup] = [join(folder.path, "history.db"), join(folder.path, "backup.db")];
  {
    await using sink = await open(path);
    await sink.write("kept");
  }
  copyFileSync(path, backup);
  {
    await using sink = await open(path, "later");
    await sink.write("lost");
    renameSync(backup, path);
    await sink.write("new");
    expect(sink.warnings).toHaveLength(1);
  }
  expect(written(path)).toEqual(["kept", "new"]);
});
