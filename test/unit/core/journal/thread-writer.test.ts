import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { prepareFile } from "../../../../src/core/journal/journal-file.ts";
import { SliceBuilder } from "../../../../src/core/journal/slice-builder.ts";
import { SubjectChanges } from "../../../../src/core/journal/subject-changes.ts";
import { suspectMark } from "../../../../src/core/journal/suspect-mark.ts";
import { ThreadWriter } from "../../../../src/core/journal/thread-writer.ts";
import { systemClock } from "../../../../src/core/system-clock.ts";
import { temporaryFolder } from "../../../support/temp-folder.ts";
import { until } from "../../../support/until.ts";
import { envelopes, open } from "./support.ts";

function slice(first: number, count: number) {
  const builder = new SliceBuilder(new SubjectChanges());
  const change = { events: envelopes(first, count) };
  builder.addEvents(change, 0);
  builder.addRest(change);
  return builder.build();
}

async function start(folder: string, commitDelay = 0) {
  const path = join(folder, "journal.sqlite");
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  prepareFile(path, { clock: systemClock, log, newIdentity: () => ({ epoch: "e", origin: "o" }) });
  const bounds = { maxAge: 1e12, maxBytes: 1e12, maxUnreadBytes: 1e12 };
  return ThreadWriter.start({ path, commitDelay, sync: "normal", bounds }, () => {});
}

test("a dead thread fails its commit, and a new one goes on from what is on disk", async () => {
  using folder = temporaryFolder();
  const { writer } = await start(folder.path);
  writer.apply(slice(1, 10));
  expect(await writer.commit(0)).toMatchObject({ oldest: 1, head: 10 });
  writer.apply(slice(11, 10));
  await writer.kill();
  await expect(writer.commit(0)).rejects.toMatchObject({ code: "JOURNAL_WRITER" });
  await writer.reset();
  writer.apply(slice(11, 10));
  expect(await writer.commit(0)).toMatchObject({ oldest: 1, head: 20 });
  await writer.close();
});

test("a thread that dies during a commit fails that commit", async () => {
  using folder = temporaryFolder();
  const { writer } = await start(folder.path, 1000);
  writer.apply(slice(1, 1000));
  const commit = writer.commit(0);
  const outcome = expect(commit).rejects.toMatchObject({ code: "JOURNAL_WRITER" });
  await Promise.all([outcome, writer.kill()]);
  await writer.close();
});

test("a slow commit holds up neither the loop nor readers", async () => {
  using folder = temporaryFolder();
  await using opened = await open(folder.path, { commitDelay: 400 });
  const { journal } = opened;
  await journal.append({ events: envelopes(1, 100) });
  let committed = false;
  const slow = journal.append({ events: envelopes(101, 5000) }).then(() => {
    committed = true;
  });
  let turns = 0;
  for (; !committed; turns++) {
    expect(journal.read(0, 10, 1e6)).toHaveLength(10);
    await turn();
  }
  expect(turns).toBeGreaterThan(15);
  await slow;
});

test("damage that shows itself only in use is marked, and found at the next start", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "journal.sqlite");
  const first = await open(folder.path);
  await first.journal.append({ events: envelopes(1, 3000), state: [{ owner: "a", key: "k", value: 1 }] });
  await first.close();
  const opened = await open(folder.path);
  const bytes = readFileSync(path);
  writeFileSync(path, bytes.fill(0xab, 4096));
  const lost = opened.journal
    .append({ events: envelopes(3001, 1), state: [{ owner: "a", key: "k", value: 2 }] })
    .catch((error: { code: string }) => error.code);
  await until("the damage is told", () => opened.journal.status().failing);
  expect(opened.journal.status().failing).toMatch(/malformed/);
  expect(existsSync(suspectMark(path))).toBe(true);
  await opened.journal.close(AbortSignal.abort());
  expect(await lost).toBe("JOURNAL_CLOSED");
  await using again = await open(folder.path);
  expect(again.journal.head).toBe(0);
  expect(again.log[0]).toMatch(/^error .*moved/);
  expect(existsSync(suspectMark(path))).toBe(false);
});

test("a suspect journal that turns out sound loses the mark", async () => {
  using folder = temporaryFolder();
  await (await open(folder.path)).close();
  const mark = suspectMark(join(folder.path, "journal.sqlite"));
  writeFileSync(mark, "");
  await using opened = await open(folder.path);
  expect(opened.log).toEqual([]);
  expect(existsSync(mark)).toBe(false);
});
