import { describe, expect, it } from "vitest";
import type { Status } from "../../../../../src/plugin/index.ts";
import { ANY_TIME, type KnownTime, knownTime } from "../../../../../src/sinks/web/past/known-time.ts";
import { uptimeOfChanges } from "../../../../../src/sinks/web/past/uptime-of-changes.ts";
import { state } from "../context.ts";
import { pastChange } from "../feeds/scripted-history.ts";

const at = (hour: number) => new Date(hour * 3_600_000).toISOString();
const change = (hour: number, status: Status, previous: Status | null) => ({
  ...pastChange(`at-${hour}`, at(hour), { status }),
  previous,
});
const HOUR = 3_600_000;
const uptime = (
  parts: Parameters<typeof state>[1],
  changes: ReturnType<typeof change>[],
  known: KnownTime = ANY_TIME,
) => uptimeOfChanges(state("promise/x", parts), changes, 0, 24 * HOUR, known);

describe("uptime from changes of status", () => {
  it("is what stood all the time where nothing has changed", () => {
    expect(uptime({ since: at(-5) }, [])).toBe(1);
    expect(uptime({ since: at(-5), status: "critical" }, [])).toBe(0);
    expect(uptime({ since: at(-5), status: "warning" }, [])).toBe(1);
    expect(uptime({ event: null, since: at(-5) }, [])).toBeNull();
  });

  it("counts what stood before the first change, each stretch, and what stands now", () => {
    expect(uptime({}, [change(18, "ok", "critical"), change(12, "critical", "ok")])).toBe(18 / 24);
    expect(uptime({}, [change(18, "warning", "critical"), change(12, "critical", null)])).toBe(6 / 12);
  });

  it("leaves unknown out, and what is not known since it went stale", () => {
    expect(uptime({}, [change(18, "critical", "unknown"), change(12, "unknown", "ok")])).toBe(12 / 18);
    expect(uptime({ stale: "not seen", seen: at(6), since: at(3) }, [change(3, "critical", "ok")])).toBe(0.5);
  });

  it("counts no time before the first result, and none without a lifeguard, as the days know it", () => {
    const changes = [change(23, "critical", "ok")];
    expect(uptime({}, changes)).toBe(23 / 24);
    // Watched for two hours only.
    expect(uptime({}, changes, { up: HOUR, down: HOUR })).toBe(1 / 2);
    // Down for an hour by its changes, of which lifeguard was off for half of it.
    expect(uptime({}, changes, { up: 23 * HOUR, down: HOUR / 2 })).toBe(23 / 23.5);
  });
});

describe("the time that days know of", () => {
  const day = (up: number, down = 0) => ({ up: up * HOUR, down: down * HOUR });
  const now = 100 * 24 * HOUR + 6 * HOUR;

  it("is today's, and so much of yesterday's as can lie within 24 hours", () => {
    expect(knownTime([day(24), day(20, 4), day(5, 1)], now, now)).toEqual({ up: 23 * HOUR, down: 5 * HOUR });
    expect(knownTime([day(0), day(0), day(1, 0)], now, now)).toEqual({ up: HOUR, down: 0 });
  });

  it("may have been longer by what has been since, and anything where it is of another day", () => {
    expect(knownTime([day(0), day(1)], now - HOUR, now)).toEqual({ up: 2 * HOUR, down: HOUR });
    expect(knownTime([day(0), day(1)], now - 7 * HOUR, now)).toBe(ANY_TIME);
    expect(knownTime([], now, now)).toBe(ANY_TIME);
  });
});
