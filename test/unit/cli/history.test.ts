import { expect, test } from "vitest";
import { historyText, sinceTime } from "../../../src/cli/history.ts";
import type { HistoryReport } from "../../../src/core/control/history-report.ts";
import type { HistoryDay, Status } from "../../../src/plugin/index.ts";

const plain = (_: unknown, text: string) => text;
const NOW = Date.parse("2026-03-10T12:00:00Z");

function day(worst: Status | null, index: number): HistoryDay {
  const counts = { critical: 0, warning: 0, unknown: 0, ok: 0 };
  return {
    day: `2026-03-0${index + 1}`,
    worst,
    uptime: null,
    up: 0,
    down: 0,
    unknown: 0,
    counts,
    latency: null,
  };
}

test("--since is a length of time or a time", () => {
  expect(sinceTime("7d", NOW)).toBe("2026-03-03T12:00:00.000Z");
  expect(sinceTime("2026-01-31", NOW)).toBe("2026-01-31T00:00:00.000Z");
  expect(() => sinceTime("last week", NOW)).toThrow(/no length of time/);
  expect(() => sinceTime("99999999999d", NOW)).toThrow(/no length of time/);
});

test("uptime, a sign a day and the changes are told, in one line each", () => {
  const names = { origin: "here", source: "promises", subject: "promise/disk" };
  const report: HistoryReport = {
    days: [
      {
        ...names,
        uptime: 0.999999,
        days: [null, "ok", "warning", "unknown", "critical"].map((one, index) =>
          day(one as Status | null, index),
        ),
      },
    ],
    episodes: [
      {
        ...names,
        id: "1",
        began: "2026-03-10T10:00:00.000Z",
        ended: "2026-03-10T11:00:00.000Z",
        duration: 3_600_000,
        worst: "critical",
        state: "BAD",
        message: "full",
        events: 2,
      },
    ],
    changes: [
      {
        received: "2026-03-10T10:00:00.000Z",
        change: true,
        previous: "ok",
        since: "2026-03-10T10:00:00.000Z",
        episode: "1",
        event: {
          ...names,
          id: "1",
          time: "2026-03-10T10:00:00.000Z",
          type: "promise.failed",
          status: "critical",
          state: "BAD",
          message: "full\u001b[2J",
          labels: {},
          measures: {},
          data: null,
        },
      },
    ],
  };
  expect(historyText(report, plain)).toBe(
    [
      "promise/disk  promises  up 99.999 % in 5 days, 1 episode, 1 h in all",
      "  2026-03-01  -.w?C  2026-03-05",
      "",
      "2026-03-10T10:00:00.000Z  critical  was ok  full [2J",
      "",
    ].join("\n"),
  );
});
