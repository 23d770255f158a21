import { describe, expect, it } from "vitest";
import type { DaysQuery, History, HistoryDay, SubjectDays } from "../../../../../src/plugin/index.ts";
import { DayCache } from "../../../../../src/sinks/web/past/day-cache.ts";
import { FakeClock } from "../../../../../src/testkit/fake-clock.ts";
import { state, World } from "../context.ts";

const day = (worst: HistoryDay["worst"], up = 1, down = 0): HistoryDay => ({
  day: "2026-01-01",
  worst,
  uptime: up / (up + down),
  up,
  down,
  unknown: 0,
  counts: { critical: 0, warning: 0, unknown: 0, ok: 1 },
  latency: null,
});
const days = (subject: string, ...last: HistoryDay[]): SubjectDays => ({
  origin: "here",
  source: "promises",
  subject,
  uptime: 0.75,
  days: [...Array.from({ length: 90 - last.length }, () => day("ok")), ...last],
});

/** A history of days only, that can be made to fail or to hang. */
function historyOf(
  answer: (query: DaysQuery) => Promise<{ items: SubjectDays[]; next: string | null }>,
): History {
  const none = () => Promise.reject(new Error("not asked here"));
  return { days: answer, events: none, episodes: none, measures: none };
}

describe("the days of all subjects", () => {
  const world = new World(new FakeClock());
  const clock = world.clock as FakeClock;
  const kvm = state("promise/kvm");
  world.add(kvm, state("promise/other"));
  const cache = new DayCache(world.context());

  it("are unknown while there is no history, and there soon after there is one", async () => {
    await clock.advance(10_000);
    world.history = historyOf(async () => ({ items: [], next: null }));
    await clock.advance(10_000);
    expect(cache.empty).toBe(true);
    const asked: (string | undefined)[] = [];
    world.history = historyOf(async ({ after }) => {
      asked.push(after);
      return after === undefined
        ? { items: [days("promise/kvm", day("critical", 1, 3)), days("promise/retired")], next: "2" }
        : { items: [days("promise/other")], next: null };
    });
    await clock.advance(2000);
    expect(asked).toEqual([undefined, "2"]);
    const { uptime, critical, bar } = cache.of(kvm) ?? {};
    expect(uptime).toEqual({ 7: 0.7, 30: 30 / 33, 90: 0.75 });
    expect(critical).toBe(1);
    expect(String(bar?.("ok", 0))).toContain('class="critical" d="M89 10h1"');
    expect(cache.of(state("promise/retired"))).toBeUndefined();
  });

  it("are read again every minute, and stay while the history fails, hangs or has gone", async () => {
    const before = cache.version;
    world.history = historyOf(() => Promise.reject(new Error("the database is away")));
    await clock.advance(60_000);
    expect(cache.of(kvm)).toBeDefined();
    world.history = historyOf(() => new Promise(() => {}));
    await clock.advance(60_000);
    world.history = undefined;
    await clock.advance(60_000);
    expect(cache.of(kvm)).toBeDefined();
    expect(cache.version).toBe(before);
    world.history = historyOf(async () => ({ items: [days("promise/kvm")], next: null }));
    await clock.advance(20_000);
    expect(cache.of(kvm)?.critical).toBe(0);
    expect(cache.of(state("promise/other"))).toBeUndefined();
  });

  it("are not shown for ever when they cannot be read again", async () => {
    world.history = undefined;
    await clock.advance(16 * 60_000);
    expect(cache.empty).toBe(true);
  });

  it("end with the sink", async () => {
    world.stop.abort();
    await clock.advance(0);
    expect(clock.pending).toBe(0);
  });
});
