import { Harness } from "lifeguard/testkit";
import { expect, test } from "vitest";
import { z } from "zod";
import { historyReport } from "../../../../src/core/control/history-report.ts";
import { defineSink, type History, RetryableError } from "../../../../src/plugin/index.ts";
import { until } from "../../../support/until.ts";

const empty = async () => ({ items: [], next: null });
const history: History = { events: empty, episodes: empty, days: empty, measures: async () => [] };
const span = { since: "2026-01-31T00:00:00Z", until: "2026-01-31T12:00:00Z" };
const query = new URLSearchParams({ subject: "promise/one", ...span });

test("a history whose sink does not run says why to who reads it, and is read when that runs", async () => {
  let reachable = false;
  const definition = defineSink({
    name: "memory",
    summary: "Remembers",
    keepsHistory: true,
    config: z.object({}),
    start() {
      if (!reachable) throw new RetryableError("connect ECONNREFUSED 127.0.0.1:5432");
      return { history, async close() {} };
    },
  });
  await using harness = await Harness.start({ sinks: { memory: { definition, config: {} } } });
  const { histories, supervisor } = harness.pipeline.engine;
  const report = () => historyReport(histories.current, query, new AbortController().signal);

  await expect(histories.current?.events({})).rejects.toThrow(RetryableError);
  const refusal = await report().catch((error) => error);
  expect(refusal.code).toBe("HISTORY_UNREADABLE");
  expect(refusal.message).toMatch(/^the history does not answer: connect ECONNREFUSED 127\.0\.0\.1:5432/);

  reachable = true;
  await supervisor.restart("sink/memory", "it can be reached");
  await until("the history", () => histories.current === history);
  expect(await report()).toMatchObject({ days: [], episodes: [], changes: [] });

  await harness.apply({});
  expect(histories.current).toBeUndefined();
  await expect(report()).rejects.toMatchObject({ code: "HISTORY_NONE" });
});

test("of several histories the one that monitors.yaml names first is read, whenever its sink runs", async () => {
  let reachable = true;
  const memory = (name: string) => {
    const own: History = { ...history };
    const definition = defineSink({
      name,
      summary: "Remembers",
      keepsHistory: true,
      config: z.object({}),
      start() {
        if (!reachable) throw new RetryableError("connect ECONNREFUSED 127.0.0.1:5432");
        return { history: own, async close() {} };
      },
    });
    return { own, plugin: { definition, config: {} } };
  };
  const [first, second] = [memory("first"), memory("second")];
  await using harness = await Harness.start({ sinks: { first: first.plugin, second: second.plugin } });
  const { histories, supervisor } = harness.pipeline.engine;
  expect(histories.current).toBe(first.own);
  reachable = false;
  await supervisor.restart("sink/first", "it was cut off");
  await until("the second history", () => histories.current === second.own);
  reachable = true;
  await supervisor.restart("sink/first", "it can be reached again");
  await until("the first history", () => histories.current === first.own);

  await harness.apply({ sinks: { second: second.plugin, first: first.plugin } });
  expect(histories.current).toBe(second.own);
});
