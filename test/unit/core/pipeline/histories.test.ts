import { Harness } from "lifeguard/testkit";
import { expect, test } from "vitest";
import { z } from "zod";
import { historyReport } from "../../../../src/core/control/history-report.ts";
import { defineSink, type History, RetryableError } from "../../../../src/plugin/index.ts";
import { until } from "../../../support/until.ts";

const empty = async () => ({ items: [], next: null });
const history: History = { events: empty, episodes: empty, days: empty, measures: async () => [] };
const query = new URLSearchParams({ subject: "promise/one", since: "2026-01-31T00:00:00Z" });

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
  expect(await report()).toEqual({ days: [], episodes: [], changes: [] });

  await harness.apply({});
  expect(histories.current).toBeUndefined();
  await expect(report()).rejects.toMatchObject({ code: "HISTORY_NONE" });
});
