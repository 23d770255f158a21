import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Status } from "lifeguard/plugin";
import { FakeClock, Harness } from "lifeguard/testkit";
import { expect, test } from "vitest";
import { JournalTrust } from "../../../../src/core/pipeline/journal-trust.ts";
import { temporaryFolder } from "../../../support/temp-folder.ts";
import { until } from "../../../support/until.ts";

const REASON = "results cannot be kept: database or disk is full";
const NO_ROOM = "SELECT RAISE(ABORT, 'database or disk is full')";

/** A core with a journal that can be made to take no event, as on a full disk. */
async function setup() {
  const folder = temporaryFolder();
  const clock = new FakeClock();
  const harness = await Harness.start({ dataDirectory: folder.path, clock });
  const { journal, bus } = harness.pipeline.engine;
  const database = new DatabaseSync(join(folder.path, "journal.sqlite"), { timeout: 0 });
  // A group that is on its way to the disk holds the lock, and waits for this thread.
  const change = (sql: string) =>
    until("the lock", () => {
      database.exec(sql);
      return true;
    });
  const row = () => harness.board.find("test/1")[0];
  const report = (status: Status) =>
    harness.emit({ type: "test.happened", subject: "test/1", status, message: "hello" });
  return {
    clock,
    harness,
    bus,
    row,
    report,
    /** Resolves when a commit of this verdict has failed; what it returns, when it has succeeded. */
    async reportToFullDisk(status: Status) {
      await change(`CREATE TRIGGER full BEFORE INSERT ON events BEGIN ${NO_ROOM}; END`);
      const accepted = report(status);
      await until("the failure is noticed", () => journal.status().failing);
      return { accepted };
    },
    /** Makes room again, and lets time pass until a commit was tried again. */
    async free() {
      await change("DROP TRIGGER full");
      await until("the journal commits again", async () => {
        await clock.advance(100);
        return journal.status().failing === null;
      });
    },
    async [Symbol.asyncDispose]() {
      database.close();
      await harness.stop();
      folder[Symbol.dispose]();
    },
  };
}

test("while the journal cannot commit the board says that it does not know, until it has what came meanwhile", async () => {
  await using core = await setup();
  const { clock, harness, bus, row, report } = core;
  await report("ok");
  const other = { type: "test.happened", subject: "test/2", status: "ok", message: "hello" } as const;
  const { accepted } = await core.reportToFullDisk("ok");
  // More than the board is told at once.
  const others = harness.emit(...Array(3500).fill(other));
  const last = report("critical");
  await clock.advance(9999);
  expect(row()).toMatchObject({ status: "ok", stale: null });
  await clock.advance(1);
  expect(row()).toMatchObject({ status: "unknown", stale: REASON });

  const shown = new Set<unknown>();
  bus.subscribe("test", () => shown.add(row()?.status));
  await core.free();
  await Promise.all([accepted, others, last]);
  await until("trust", () => row()?.stale === null);
  expect(row()?.status).toBe("critical");
  expect(shown).not.toContain("ok");
});

test("a failure that is over soon takes no trust away, and the next one has ten seconds of its own", async () => {
  await using core = await setup();
  const { clock, row, report } = core;
  await report("ok");
  const first = await core.reportToFullDisk("warning");
  await clock.advance(5000);
  await core.free();
  await first.accepted;
  await clock.advance(5000);
  expect(row()).toMatchObject({ status: "warning", stale: null });

  const second = await core.reportToFullDisk("warning");
  await clock.advance(9999);
  expect(row()?.stale).toBeNull();
  await clock.advance(1);
  expect(row()?.stale).toBe(REASON);
  await core.free();
  await second.accepted;
});

test("another reason is told when it comes, and nothing is once the engine has closed", async () => {
  const clock = new FakeClock();
  const told: (string | null)[] = [];
  const lifetime = new AbortController();
  const trust = new JournalTrust({
    board: { distrustAll: (reason) => told.push(reason) },
    journal: { append: async () => {} },
    clock,
    signal: lifetime.signal,
  });
  trust.tell("disk full");
  await clock.advance(10_000);
  trust.tell("disk broken");
  expect(told).toEqual(["results cannot be kept: disk full", "results cannot be kept: disk broken"]);
  trust.tell(null);
  await until("trust", () => told.length === 3);
  trust.tell("disk full");
  expect(clock.pending).toBe(1);
  lifetime.abort();
  expect(clock.pending).toBe(0);
  expect(told.at(-1)).toBeNull();
});
