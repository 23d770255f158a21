import { expect, test } from "vitest";
import { historyText, sinceTime } from "../../../src/cli/history.ts";
import type { HistoryReport } from "../../../src/core/control/history-report.ts";
import type { Episode, HistoryDay, Status } from "../../../src/plugin/index.ts";

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

test("--since is a length of time, a date or RFC 3339, and lies in the past", () => {
  expect(sinceTime("7d", NOW)).toBe("2026-03-03T12:00:00.000Z");
  expect(sinceTime("2026-01-31", NOW)).toBe("2026-01-31T00:00:00.000Z");
  expect(sinceTime("2026-01-31T12:00:00+01:00", NOW)).toBe("2026-01-31T11:00:00.000Z");
  for (const wrong of ["last week", "1", "2026", "2026-02-31", "March 1", "99999999999d"])
    expect(() => sinceTime(wrong, NOW)).toThrow(/no length of time/);
  expect(() => sinceTime("2030-01-01", NOW)).toThrow(/still to come/);
});

const names = { origin: "here", source: "promises", subject: "promise/disk" };

function episode(worst: Status, began: string, ended: string | null): Episode {
  return { ...names, id: began, began, ended, duration: 0, worst, state: "BAD", message: "full", events: 2 };
}

test("uptime, a sign a day and the changes are told, in one line each", () => {
  const report: HistoryReport = {
    since: "2026-03-05T11:00:00.000Z",
    until: "2026-03-10T11:00:00.000Z",
    more: { episodes: false, changes: false },
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
      // One lasts, and one began before the span: only what lies in it counts.
      episode("critical", "2026-03-10T10:00:00.000Z", null),
      episode("critical", "2026-03-08T10:00:00.000Z", "2026-03-08T10:30:00.000Z"),
      episode("warning", "2025-03-08T10:00:00.000Z", "2026-03-07T11:00:00.000Z"),
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
      "promise/disk  promises  up 99.999 % in 5 days, 2 critical episodes (1 h), 1 warning episode (2 d)",
      "  2026-03-01  -.w?C  2026-03-05",
      "",
      "2026-03-10T10:00:00.000Z  critical  was ok  full [2J",
      "",
    ].join("\n"),
  );
});

test("one day is today, as days are calendar days in UTC", () => {
  const report: HistoryReport = {
    since: "2026-03-09T12:00:00.000Z",
    until: "2026-03-10T12:00:00.000Z",
    days: [{ ...names, uptime: null, days: [day("unknown", 0)] }],
    episodes: [],
    changes: [],
    more: { episodes: false, changes: false },
  };
  expect(historyText(report, plain)).toBe(
    "promise/disk  promises  uptime unknown today (UTC), no episodes\n  2026-03-01  ?\n",
  );
});

test("what the report leaves out is said", () => {
  const report: HistoryReport = {
    since: "2023-09-22T12:00:00.000Z",
    until: "2026-03-10T12:00:00.000Z",
    days: [{ ...names, uptime: 1, days: Array.from({ length: 400 }, (_, index) => day("ok", index)) }],
    episodes: [episode("warning", "2026-03-10T10:00:00.000Z", "2026-03-10T11:00:00.000Z")],
    changes: [],
    more: { episodes: true, changes: true },
  };
  const [headline, , , ...notes] = historyText(report, plain).trimEnd().split("\n");
  expect(headline).toBe("promise/disk  promises  up 100 % in 400 days, at least 1 warning episode (1 h)");
  expect(notes).toEqual([
    "Days, and the uptime in them, are told of the last 400 only.",
    "There are more episodes: only the newest 1 are counted.",
    "There are more changes: only the newest 0 are told.",
  ]);
});
