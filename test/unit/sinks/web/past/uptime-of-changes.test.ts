import { describe, expect, it } from "vitest";
import type { Status } from "../../../../../src/plugin/index.ts";
import { uptimeOfChanges } from "../../../../../src/sinks/web/past/uptime-of-changes.ts";
import { state } from "../context.ts";
import { pastChange } from "../feeds/scripted-history.ts";

const at = (hour: number) => new Date(hour * 3_600_000).toISOString();
const change = (hour: number, status: Status, previous: Status | null) => ({
  ...pastChange(`at-${hour}`, at(hour), { status }),
  previous,
});
const uptime = (parts: Parameters<typeof state>[1], changes: ReturnType<typeof change>[]) =>
  uptimeOfChanges(state("promise/x", parts), changes, 0, 24 * 3_600_000);

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
});
