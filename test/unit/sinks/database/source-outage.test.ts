import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import type { ComponentState, SinkContext } from "../../../../src/plugin/index.ts";
import database from "../../../../src/sinks/database/index.ts";
import { databaseSink } from "../../../../src/sinks/database/sink.ts";
import { FakeClock } from "../../../../src/testkit/index.ts";
import { temporaryFolder } from "../../../support/temp-folder.ts";
import { until } from "../../../support/until.ts";
import { DAY } from "./open-store.ts";
import { Script } from "./script.ts";

const NOON = Date.parse("2026-03-10T12:00:00Z");
const MINUTE = 60_000;

test("the sink notes when a source fails, recovers, fails again and is removed, though nothing is written meanwhile", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "history.db");
  const clock = new FakeClock(NOON);
  let components: unknown[] = [];
  const source = (state: ComponentState, minute: number) => {
    const since = new Date(NOON + minute * MINUTE).toISOString();
    components = [{ id: "source/test", kind: "source", state, since }];
  };
  const silent = () => {};
  const sink = await databaseSink(
    {
      place: { kind: "sqlite", path },
      retention: { events: DAY, measures: DAY, episodes: DAY, days: DAY },
      started: NOON,
    },
    {
      origin: "here",
      position: () => "journal-0",
      health: { components: () => components },
      log: { debug: silent, info: silent, warn: silent, error: silent },
      board: { find: () => [] },
      clock,
    } as unknown as SinkContext,
  );
  const gaps = () => {
    using file = new DatabaseSync(path, { readOnly: true });
    const rows = file.prepare("select source, began, ended from gaps where source = 'test' order by began");
    return rows
      .all()
      .map(({ began, ended }) => [began, ended].map((at) => at && (Number(at) - NOON) / MINUTE));
  };
  const noted = (count: number, open: boolean) =>
    until("the note", async () => {
      await clock.advance(1000);
      const all = gaps();
      return all.length === count && (all.at(-1)?.[1] === null) === open;
    });
  source("ok", 0);
  await sink.write?.([new Script().say({ at: NOON })], new AbortController().signal);
  source("recoverable", 1);
  await noted(1, true);
  source("starting", 2);
  await clock.advance(10_000);
  source("ok", 3);
  await noted(1, false);
  source("permanent", 5);
  await noted(2, true);
  components = [];
  await noted(2, false);
  await sink.close();
  expect(gaps()).toEqual([
    [1, 3],
    [5, expect.any(Number)],
  ]);
});

test("the sink asks for what is retired, of which nobody hears who does not ask", () => {
  expect(database.types).toContain("subject.retired");
});
