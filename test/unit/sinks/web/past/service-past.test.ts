import { describe, expect, it } from "vitest";
import type { History, MeasureSeries } from "../../../../../src/plugin/index.ts";
import { ServicePasts } from "../../../../../src/sinks/web/past/service-past.ts";
import { FakeClock } from "../../../../../src/testkit/fake-clock.ts";
import { state, World } from "../context.ts";
import { pastChange } from "../feeds/scripted-history.ts";

const kvm = state("promise/kvm", { since: "2025-12-01T00:00:00.000Z" });
const empty = async () => ({ items: [], next: null });

function setUp(history?: Partial<History>) {
  const clock = new FakeClock("2026-01-31T12:00:00.000Z");
  const world = new World(clock);
  if (history)
    world.history = { days: empty, episodes: empty, events: empty, measures: async () => [], ...history };
  return { clock, world, pasts: new ServicePasts(world.context()) };
}

describe("what the history says about a service", () => {
  it("is nothing where there is no history", async () => {
    expect(await setUp().pasts.of(kvm, "24h")).toBeUndefined();
  });

  it("is asked for the period, and not again for a moment", async () => {
    const asked: unknown[] = [];
    const series: MeasureSeries = {
      origin: "here",
      source: "promises",
      subject: "promise/kvm",
      name: "x",
      unit: "s",
      points: [],
    };
    const { clock, pasts } = setUp({
      measures: async (query) => {
        asked.push(query);
        return [series];
      },
    });
    const past = await pasts.of(kvm, "7d");
    expect(past).toMatchObject({
      period: "7d",
      measures: [series],
      episodes: [],
      uptime: { "24h": 1, "90d": null },
      problem: null,
    });
    expect(asked).toEqual([
      {
        origin: "here",
        source: "promises",
        subject: "promise/kvm",
        since: "2026-01-24T12:00:00.000Z",
        points: 120,
      },
    ]);
    await pasts.of(kvm, "7d");
    expect(asked).toHaveLength(1);
    await pasts.of(kvm, "24h");
    await clock.advance(10_000);
    await pasts.of(kvm, "7d");
    expect(asked).toHaveLength(3);
  });

  it("counts a change of the last day of which the history does not know yet", async () => {
    const { world, pasts } = setUp({});
    const since = "2026-01-31T09:00:00.000Z";
    world.emit(pastChange("new", since, { status: "critical", previous: "ok" }));
    expect(await pasts.of({ ...kvm, status: "critical", since }, "24h")).toMatchObject({
      uptime: { "24h": 21 / 24 },
    });
  });

  it("is what comes in time: what fails or hangs is left out, and said", async () => {
    const { clock, pasts } = setUp({
      episodes: () => Promise.reject(new Error("the disk is away")),
      measures: () => new Promise(() => {}),
    });
    const past = pasts.of(kvm, "24h");
    await clock.advance(1500);
    expect(await past).toMatchObject({
      episodes: null,
      measures: null,
      days: null,
      uptime: { "24h": 1 },
      problem: "the disk is away; no answer within 1.5 s",
    });
    expect(clock.pending).toBe(0);
  });
});
