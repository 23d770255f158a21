import type { History, HistoryDay, Status } from "../../../../../src/plugin/index.ts";

const DAY = 86_400_000;
const WORST: (Status | null)[] = [null, "ok", "ok", "warning", "ok", "critical", "ok", "unknown"];

/** A history in which every subject has ninety days, two episodes and one measure. */
export function madeUpHistory(subjects: readonly string[], now: number): History {
  const own = { origin: "here", source: "promises" };
  const time = (ago: number) => new Date(now - ago).toISOString();
  const days = Array.from({ length: 90 }, (_, at): HistoryDay => {
    const worst = WORST[at % WORST.length] as Status | null;
    const down = worst === "critical" ? DAY / 10 : 0;
    const up = worst === null ? 0 : DAY - down;
    return {
      day: time((89 - at) * DAY).slice(0, 10),
      worst,
      uptime: worst === null ? null : up / DAY,
      up,
      down,
      unknown: 0,
      counts: { critical: 0, warning: 0, unknown: 0, ok: 1 },
      latency: worst === null ? null : { p50: 20 + at, p95: 90 + at },
    };
  });
  return {
    events: async () => ({ items: [], next: null }),
    days: async ({ subject }) => ({
      items: subjects
        .filter((one) => one === (subject ?? one))
        .map((one) => ({ ...own, subject: one, uptime: 0.987, days })),
      next: null,
    }),
    episodes: async ({ subject = "" }) => ({
      items: [
        {
          ...own,
          subject,
          id: "e2",
          began: time(300_000),
          ended: null,
          duration: 300_000,
          worst: "critical",
          state: "BAD",
          message: "no answer",
          events: 1,
        },
        {
          ...own,
          subject,
          id: "e1",
          began: time(9_000_000),
          ended: time(7_000_000),
          duration: 2_000_000,
          worst: "warning",
          state: "SLOW",
          message: "slow",
          events: 2,
        },
      ],
      next: null,
    }),
    measures: async ({ subject }) => [
      {
        ...own,
        subject,
        name: "rtt",
        unit: "s",
        points: Array.from({ length: 100 }, (_, at) => ({
          time: time((100 - at) * 800_000),
          min: 0.1,
          max: 0.3 + (at % 7) / 10,
          mean: 0.2,
          count: 3,
        })),
      },
    ],
  };
}
