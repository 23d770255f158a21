import { describe, expect, it } from "vitest";
import type { Status } from "../../../../../src/plugin/index.ts";
import { LastDay } from "../../../../../src/sinks/web/past/last-day.ts";
import { FakeClock } from "../../../../../src/testkit/fake-clock.ts";
import { state, World } from "../context.ts";
import { pastChange, ScriptedHistory } from "../feeds/scripted-history.ts";

const NOON = "2026-01-31T12:00:00.000Z";
const HOUR = 3_600_000;
const at = (hoursAgo: number) => new Date(Date.parse(NOON) - hoursAgo * HOUR).toISOString();
const change = (subject: string, hoursAgo: number, status: Status, previous: Status | null = null) =>
  pastChange(`${subject}-${hoursAgo}`, at(hoursAgo), { subject, status, previous });

const quiet = state("vim/quiet", { since: at(100) });
const down = state("vim/down", { since: at(6), status: "critical" });
const fresh = state("vim/new", { event: null, since: at(1) });

function setUp() {
  const clock = new FakeClock(NOON);
  const world = new World(clock);
  const history = new ScriptedHistory();
  world.history = history;
  return { clock, world, history, day: new LastDay(world.context(), { of: () => undefined }) };
}

describe("uptime over the last 24 hours of many services", () => {
  it("is that of each of which something is known, out of one question for all of them", async () => {
    const { history, day } = setUp();
    history.changes = [
      change("vim/down", 6, "critical", "ok"),
      change("vim/other", 7, "critical", "ok"),
      change("vim/down", 12, "ok", "critical"),
    ];
    expect(await day.uptimes([quiet, down, fresh])).toEqual([1, 6 / 24]);
    expect(await day.uptimes([down])).toEqual([6 / 24]);
    expect(history.asked).toEqual([{ changes: true, since: at(24), limit: 1000, after: undefined }]);
  });

  it("counts a change that the history does not know yet, and one that both know once", async () => {
    const { world, history, day } = setUp();
    history.changes = [change("vim/down", 12, "critical", "ok")];
    world.emit(change("vim/down", 12, "critical", "ok"));
    world.emit(change("vim/down", 6, "ok", "critical"));
    expect(await day.uptimes([state("vim/down", { since: at(6) })])).toEqual([18 / 24]);
  });

  it("is asked for again after half a minute", async () => {
    const { clock, history, day } = setUp();
    await day.uptimes([quiet]);
    await clock.advance(29_000);
    await day.uptimes([quiet]);
    expect(history.asked).toHaveLength(1);
    await clock.advance(1000);
    await day.uptimes([quiet]);
    expect(history.asked).toHaveLength(2);
  });

  it("is not known without a history, in a day of too many changes, or of a history that hangs or fails", async () => {
    const none = setUp();
    none.world.history = undefined;
    expect(await none.day.uptimes([quiet])).toEqual([]);
    const many = setUp();
    const one = change("vim/down", 6, "critical", "ok");
    many.history.changes = Array.from({ length: 10_001 }, () => one);
    expect(await many.day.uptimes([quiet])).toEqual([]);
    expect(many.history.asked).toHaveLength(10);
    const failing = setUp();
    failing.history.before = () => Promise.reject(new Error("away"));
    expect(await failing.day.uptimes([quiet])).toEqual([]);
    const hanging = setUp();
    hanging.history.before = () => new Promise(() => {});
    const answer = hanging.day.uptimes([quiet]);
    await hanging.clock.advance(1500);
    expect(await answer).toEqual([]);
    expect(hanging.clock.pending).toBe(0);
  });
});
