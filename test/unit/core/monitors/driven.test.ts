import { describe, expect, test, vi } from "vitest";
import type { DrivenMonitorSpec, Observation, ProbeRun } from "../../../../src/plugin/index.ts";
import { deferred, saw, setup } from "./scripted-host.ts";

function spec(id: string, over: Partial<DrivenMonitorSpec> = {}): DrivenMonitorSpec {
  return {
    id,
    subject: `thing/${id}`,
    schedule: { every: 1000 },
    timeout: 500,
    probe: async () => saw("ok"),
    ...over,
  };
}

/** A probe whose runs end when the test says so. */
function handProbe() {
  const runs: (ReturnType<typeof deferred<Observation>> & { run: ProbeRun })[] = [];
  const probe = (run: ProbeRun) => {
    const handles = deferred<Observation>();
    runs.push({ ...handles, run });
    return handles.promise;
  };
  return { runs, probe };
}

describe("the first run", () => {
  test("is at once, but not before register has returned", async () => {
    const { fake, monitors, verdicts } = setup();
    const probe = vi.fn(async ({ trigger }: ProbeRun) => saw("ok", trigger));
    monitors.register(spec("a", { probe }));
    expect(probe).not.toHaveBeenCalled();
    await fake.advance(0);
    expect(verdicts()).toEqual(["ok start"]);
  });

  test("of many is in order of registration, and spread a little", async () => {
    const { fake, monitors } = setup();
    const began: number[] = [];
    const at: number[] = [];
    for (let i = 0; i < 1000; i++)
      monitors.register(
        spec(`${i}`, {
          schedule: { every: 60_000 },
          probe: async () => {
            began.push(i);
            at.push(fake.monotonic());
            return saw("ok");
          },
        }),
      );
    await fake.advance(0);
    expect(began.length).toBeGreaterThanOrEqual(16);
    expect(began.length).toBeLessThan(100);
    await fake.advance(1000);
    expect(began).toEqual(Array.from({ length: 1000 }, (_, index) => index));
    expect(at.at(-1)).toBeGreaterThan(200);
  });
});

describe("the interval", () => {
  test("is kept without drift", async () => {
    const { fake, monitors } = setup();
    const at: number[] = [];
    monitors.register(
      spec("a", {
        schedule: { every: 333 },
        jitter: 0,
        probe: async () => {
          at.push(fake.monotonic());
          await fake.sleep(100);
          return saw("ok");
        },
      }),
    );
    await fake.advance(333 * 300 + 10);
    expect(at).toHaveLength(301);
    for (const [index, time] of at.entries()) {
      expect(time).toBeGreaterThanOrEqual(index * 333);
      expect(time).toBeLessThan(index * 333 + 10);
    }
  });

  test.each([
    ["a tenth of a short interval", 2000, undefined, 200],
    ["at most a second", 60_000, undefined, 1000],
    ["what the monitor says", 60_000, 5000, 5000],
    ["never more than half of the interval", 1000, 5000, 500],
    ["none where it says 0", 60_000, 0, 0],
  ])("is jittered on each later due: %s", async (_, every, jitter, expected) => {
    const { fake, monitors } = setup({ random: () => 0.999_999 });
    const at: number[] = [];
    monitors.register(
      spec("a", {
        schedule: { every },
        jitter,
        timeout: 100,
        probe: async () => {
          at.push(fake.monotonic());
          return saw("ok");
        },
      } as Partial<DrivenMonitorSpec>),
    );
    await fake.advance(every * 3 + expected + 10);
    expect(at).toEqual([0, every + expected, 2 * every + expected, 3 * every + expected]);
  });
});

test("runs never overlap: a due time that finds one under way is left out", async () => {
  const { fake, monitors } = setup();
  let inside = 0;
  let most = 0;
  const at: number[] = [];
  monitors.register(
    spec("a", {
      timeout: 10_000,
      jitter: 0,
      probe: async () => {
        at.push(fake.monotonic());
        most = Math.max(most, ++inside);
        await fake.sleep(2500);
        inside -= 1;
        return saw("ok");
      },
    }),
  );
  await fake.advance(9500);
  expect(most).toBe(1);
  expect(at).toEqual([0, 3000, 6000, 9000]);
});

describe("the cap", () => {
  test("holds the others back, first come first served", async () => {
    const { fake, monitors, manager } = setup();
    const { runs, probe } = handProbe();
    const order: string[] = [];
    monitors.limit(2);
    for (const id of ["a", "b", "c", "d"])
      monitors.register(
        spec(id, {
          schedule: { every: 60_000 },
          timeout: 30_000,
          probe: (run) => {
            order.push(id);
            return probe(run);
          },
        }),
      );
    await fake.advance(0);
    expect(order).toEqual(["a", "b"]);
    expect(manager.stats()).toMatchObject({ registered: 4, running: 2, queued: 2 });
    runs[1]?.resolve(saw("ok"));
    await fake.advance(0);
    expect(order).toEqual(["a", "b", "c"]);
    runs[0]?.reject(new Error("no"));
    await fake.advance(0);
    expect(order).toEqual(["a", "b", "c", "d"]);
    expect(manager.stats()).toMatchObject({ running: 2, queued: 0 });
  });

  test("is 16 unless the source says otherwise", async () => {
    const { fake, monitors, manager } = setup();
    const { probe } = handProbe();
    for (let i = 0; i < 40; i++) monitors.register(spec(`${i}`, { probe, timeout: 60_000 }));
    await fake.advance(100);
    expect(manager.stats()).toMatchObject({ running: 16, queued: 24 });
    monitors.limit(20);
    expect(manager.stats()).toMatchObject({ running: 20, queued: 20 });
  });

  test("is of each source alone", async () => {
    const { fake, monitors, manager, source } = setup();
    const { probe } = handProbe();
    monitors.limit(1);
    monitors.register(spec("a", { probe }));
    const other = source("others");
    other.monitors.register(spec("a", { probe }));
    await fake.advance(0);
    expect(manager.stats()).toMatchObject({ running: 2, queued: 0 });
  });

  test("refuses nonsense", () => {
    const { monitors } = setup();
    for (const limit of [0, -1, 1.5, Number.NaN])
      expect(() => monitors.limit(limit)).toThrow(expect.objectContaining({ code: "MONITOR_INVALID" }));
  });
});

describe("the deadline", () => {
  test("aborts the signal, and the run reads critical", async () => {
    const { fake, monitors, drafts } = setup();
    const { runs, probe } = handProbe();
    monitors.register(spec("a", { timeout: 20_000, schedule: { every: 60_000 }, probe }));
    await fake.advance(19_990);
    expect(runs[0]?.run.signal.aborted).toBe(false);
    await fake.advance(10);
    expect(runs[0]?.run.signal.reason).toMatchObject({
      code: "DEADLINE",
      message: "no result within 20 s",
    });
    expect(drafts.at(-1)).toMatchObject({
      type: "thing.seen",
      subject: "thing/a",
      status: "critical",
      message: "no result within 20 s",
      by: "core",
    });
  });

  test("counts from the start of the run, not from its due time", async () => {
    const { fake, monitors, verdicts } = setup();
    monitors.limit(1);
    const first = handProbe();
    const second = handProbe();
    monitors.register(spec("a", { timeout: 1000, probe: first.probe, schedule: { every: 60_000 } }));
    monitors.register(spec("b", { timeout: 1000, probe: second.probe, schedule: { every: 60_000 } }));
    await fake.advance(800);
    first.runs[0]?.resolve(saw("ok", "a"));
    await fake.advance(900);
    expect(verdicts()).toEqual(["ok a"]);
    second.runs[0]?.resolve(saw("ok", "b"));
    await fake.advance(200);
    expect(verdicts()).toEqual(["ok a", "ok b"]);
  });

  test("ignores what the probe says afterwards, and runs it again when it is next due", async () => {
    const { fake, monitors, verdicts } = setup();
    const { runs, probe } = handProbe();
    monitors.register(spec("a", { jitter: 0, probe }));
    await fake.advance(600);
    runs[0]?.resolve(saw("ok", "too late"));
    await fake.advance(400);
    expect(runs).toHaveLength(2);
    runs[1]?.resolve(saw("ok", "in time"));
    await fake.advance(0);
    expect(verdicts()).toEqual(["critical no result within 0.5 s", "ok in time"]);
  });

  test("reads unknown when lifeguard itself stood still meanwhile", async () => {
    const { fake, clock, monitors, verdicts } = setup();
    const { runs, probe } = handProbe();
    monitors.register(spec("a", { timeout: 20_000, schedule: { every: 60_000 }, probe }));
    await fake.advance(15_000);
    clock.stall(8000);
    await fake.advance(300);
    expect(runs[0]?.run.signal.aborted).toBe(true);
    expect(verdicts()).toEqual(["unknown no result within 20 s, but lifeguard itself stood still meanwhile"]);
  });

  test("reads unknown also when the stall was over long before", async () => {
    const { fake, clock, monitors, verdicts } = setup();
    const { probe } = handProbe();
    monitors.register(spec("a", { timeout: 20_000, schedule: { every: 60_000 }, probe }));
    await fake.advance(1000);
    clock.stall(8000);
    await fake.advance(12_000);
    expect(verdicts()).toEqual(["unknown no result within 20 s, but lifeguard itself stood still meanwhile"]);
  });

  test("is critical when the stall was before the run", async () => {
    const { fake, clock, monitors, verdicts } = setup();
    const { probe } = handProbe();
    await fake.advance(1000);
    clock.stall(8000);
    await fake.advance(1000);
    monitors.register(spec("a", { timeout: 20_000, schedule: { every: 60_000 }, probe }));
    await fake.advance(20_000);
    expect(verdicts()).toEqual(["critical no result within 20 s"]);
  });
});

describe("a probe that gives no observation", () => {
  test.each([
    ["rejects", () => Promise.reject(new Error("no route")), "unknown could not measure: no route"],
    [
      "throws",
      () => {
        throw new Error("typo");
      },
      "unknown could not measure: typo",
    ],
    ["rejects with no error", () => Promise.reject("why"), "unknown could not measure: why"],
    [
      "rejects without a word",
      () => Promise.reject(new Error("")),
      "unknown could not measure: the probe gave no reason",
    ],
    [
      "returns something else",
      () => Promise.resolve({ status: "fine" } as unknown as Observation),
      'unknown could not measure: the probe returned no observation, but {"status":"fine"}',
    ],
  ])("reads unknown: %s", async (_, probe, verdict) => {
    const { fake, monitors, verdicts, drafts } = setup();
    monitors.register(spec("a", { probe }));
    await fake.advance(0);
    expect(verdicts()).toEqual([verdict]);
    expect(drafts.at(-1)?.by).toBe("core");
  });

  test("goes on running", async () => {
    const { fake, monitors, verdicts } = setup();
    let runs = 0;
    monitors.register(
      spec("a", {
        jitter: 0,
        probe: async () => {
          if (++runs === 1) throw new Error("once");
          return saw("ok");
        },
      }),
    );
    await fake.advance(1000);
    expect(verdicts()).toEqual(["unknown could not measure: once", "ok looked"]);
  });

  test("has the type last observed with that status, else the last, else the source's first", async () => {
    const { fake, monitors, drafts } = setup();
    const script: (Partial<Observation> | Error)[] = [
      new Error("first of all"),
      { status: "ok", type: "thing.fine" },
      new Error("after fine"),
      { status: "unknown", type: "thing.unclear" },
      { status: "ok", type: "thing.fine" },
      new Error("after unclear"),
    ];
    monitors.register(
      spec("a", {
        jitter: 0,
        probe: async () => {
          const next = script.shift();
          if (next === undefined || next instanceof Error) throw next ?? new Error("end");
          return { ...saw("ok"), ...next };
        },
      }),
    );
    await fake.advance(5000);
    expect(drafts.filter(({ by, status }) => by === "core" && status).map(({ type }) => type)).toEqual([
      "thing.seen",
      "thing.fine",
      "thing.unclear",
    ]);
  });
});

describe("events", () => {
  test("one for every run, with all that was observed", async () => {
    const { fake, monitors, drafts } = setup();
    const observation: Observation = {
      status: "warning",
      type: "thing.slow",
      state: "SLOW",
      message: "took long",
      measures: { rtt: { value: 3, unit: "ms" } },
      labels: { zone: "a" },
      data: { hops: [1, 2] },
      checkpoint: { "last/a": 3 },
    };
    monitors.register(spec("a", { jitter: 0, probe: async () => observation }));
    await fake.advance(2000);
    const made = drafts.filter(({ type }) => type === "thing.slow");
    expect(made).toEqual(Array(3).fill({ ...observation, subject: "thing/a", by: "source" }));
  });

  test("carry what hysteresis lets through, and say how far the rest is", async () => {
    const { fake, monitors, drafts } = setup();
    const script = [
      { status: "ok", state: "GOOD", message: "fine" },
      { status: "critical", state: "BAD", message: "refused" },
      { status: "critical", state: "BAD", message: "refused" },
      { status: "ok", state: "GOOD", message: "fine" },
    ] as const;
    let runs = 0;
    monitors.register(
      spec("a", {
        jitter: 0,
        fail_after: 2,
        recover_after: 3,
        probe: async () => ({ type: "thing.seen", ...(script[runs++] as (typeof script)[0]) }),
      }),
    );
    await fake.advance(3000);
    expect(drafts.slice(1).map(({ status, state, message }) => [status, state, message])).toEqual([
      ["ok", "GOOD", "fine"],
      ["ok", "GOOD", "refused (critical, 1 of 2)"],
      ["critical", "BAD", "refused"],
      ["critical", "BAD", "fine (ok, 1 of 3)"],
    ]);
  });

  test("go on from what stands", async () => {
    const { fake, monitors, drafts } = setup({
      standing: { "thing/a": { status: "critical", state: "BAD", episode: "e1" } },
    });
    monitors.register(spec("a", { jitter: 0, recover_after: 2 }));
    await fake.advance(1000);
    expect(drafts.slice(1).map(({ status, state, message }) => [status, state, message])).toEqual([
      ["critical", "BAD", "looked (ok, 1 of 2)"],
      ["ok", "OK", "looked"],
    ]);
  });

  test("what intake refuses becomes a visible unknown", async () => {
    const { fake, monitors, drafts, logged } = setup({
      refuse(draft, by) {
        if (by === "source" && draft.data !== undefined) throw new Error("data.hops: expected a number");
      },
    });
    monitors.register(spec("a", { probe: async () => ({ ...saw("ok"), data: { hops: "x" } }) }));
    await fake.advance(0);
    expect(drafts.at(-1)).toMatchObject({
      type: "thing.seen",
      status: "unknown",
      message: "what its monitor observed was refused: data.hops: expected a number",
      by: "core",
    });
    expect(logged).toEqual([]);
  });

  test("a host that takes nothing stops nothing", async () => {
    const probe = vi.fn(async () => saw("ok"));
    const { fake, monitors } = setup({
      refuse() {
        throw new Error("closed");
      },
    });
    monitors.register(spec("a", { jitter: 0, probe }));
    await fake.advance(3000);
    expect(probe).toHaveBeenCalledTimes(4);
  });
});

describe("a probe that hangs", () => {
  test("is let go of after three intervals, told, and begun anew; its late result is ignored", async () => {
    const { fake, monitors, manager, housekeeping, verdicts } = setup();
    const { runs, probe } = handProbe();
    const monitor = monitors.register(spec("a", { schedule: { every: 10_000 }, timeout: 2000, probe }));
    await fake.advance(30_000);
    expect(housekeeping()).toEqual(["thing.registered monitor a registered"]);
    await fake.advance(1010);
    expect(housekeeping().slice(1)).toEqual([
      "thing.monitor_deleted monitor a deleted and made anew: its probe has not ended for 31 s",
    ]);
    expect(monitor.signal.aborted).toBe(false);
    expect(manager.stats()).toMatchObject({ reaped: 1, registered: 1 });
    expect(runs).toHaveLength(2);
    runs[0]?.resolve(saw("warning", "from the dead"));
    runs[1]?.resolve(saw("ok", "anew"));
    await fake.advance(0);
    expect(verdicts()).toEqual(["critical no result within 2 s", "ok anew"]);
    await fake.advance(10_000);
    expect(runs).toHaveLength(3);
  });

  test("is given interval, timeout and grace where three intervals are shorter", async () => {
    const { fake, monitors, housekeeping } = setup();
    const { probe } = handProbe();
    monitors.register(spec("a", { schedule: { every: 1000 }, timeout: 20_000, probe }));
    await fake.advance(26_000);
    expect(housekeeping()).toHaveLength(1);
    await fake.advance(1100);
    expect(housekeeping()).toHaveLength(2);
  });

  test("does not count while lifeguard itself stands still", async () => {
    const { fake, clock, monitors, housekeeping } = setup();
    const { probe } = handProbe();
    monitors.register(spec("a", { schedule: { every: 10_000 }, timeout: 2000, probe }));
    await fake.advance(5000);
    clock.stall(600_000);
    await fake.advance(20_000);
    expect(housekeeping()).toHaveLength(1);
    await fake.advance(15_000);
    expect(housekeeping()).toHaveLength(2);
  });

  test("is not begun anew when it was closed on that news", async () => {
    let close = () => {};
    const { fake, monitors } = setup({
      refuse({ type }) {
        if (type === "thing.monitor_deleted") close();
      },
    });
    const { runs, probe } = handProbe();
    const monitor = monitors.register(spec("a", { probe }));
    close = () => monitor.close();
    await fake.advance(60_000);
    expect(runs).toHaveLength(1);
  });

  test("gives up its place 5 s after its deadline, so that others are not delayed", async () => {
    const { fake, monitors, manager } = setup();
    const { probe } = handProbe();
    const healthy = vi.fn(async () => saw("ok"));
    monitors.limit(1);
    monitors.register(spec("hung", { schedule: { every: 60_000 }, timeout: 2000, probe }));
    monitors.register(spec("a", { schedule: { every: 1000 }, probe: healthy }));
    await fake.advance(6990);
    expect(healthy).not.toHaveBeenCalled();
    await fake.advance(10);
    expect(healthy).toHaveBeenCalledTimes(1);
    await fake.advance(10_000);
    expect(healthy.mock.calls.length).toBeGreaterThanOrEqual(10);
    expect(manager.stats().running).toBe(0);
  });
});

describe("close", () => {
  test("aborts, tells, and runs no more", async () => {
    const { fake, monitors, manager, housekeeping, verdicts } = setup();
    const { runs, probe } = handProbe();
    const monitor = monitors.register(spec("a", { probe }));
    await fake.advance(0);
    monitor.close();
    monitor.close();
    expect(monitor.signal.reason).toMatchObject({ code: "MONITOR_CLOSED" });
    expect(runs[0]?.run.signal.reason).toBe(monitor.signal.reason);
    runs[0]?.resolve(saw("ok", "too late"));
    await fake.advance(10_000);
    expect(runs).toHaveLength(1);
    expect(verdicts()).toEqual([]);
    expect(housekeeping()).toEqual([
      "thing.registered monitor a registered",
      "thing.unregistered monitor a unregistered",
    ]);
    expect(manager.stats()).toMatchObject({ registered: 0, running: 0, queued: 0 });
    monitors.register(spec("a"));
    await fake.advance(100);
    expect(verdicts()).toEqual(["ok looked"]);
  });

  test("before the first run leaves it out", async () => {
    const { fake, monitors } = setup();
    const probe = vi.fn(async () => saw("ok"));
    monitors.register(spec("a", { probe })).close();
    await fake.advance(5000);
    expect(probe).not.toHaveBeenCalled();
  });

  test("leaves the queue", async () => {
    const { fake, monitors, manager } = setup();
    monitors.limit(1);
    const { runs, probe } = handProbe();
    const late = vi.fn(async () => saw("ok"));
    monitors.register(spec("a", { probe, timeout: 60_000 }));
    const queued = monitors.register(spec("b", { probe: late }));
    await fake.advance(0);
    queued.close();
    expect(manager.stats().queued).toBe(0);
    runs[0]?.resolve(saw("ok"));
    await fake.advance(100);
    expect(late).not.toHaveBeenCalled();
  });

  test("is over before anybody hears of it, so that the same may be registered again", async () => {
    const { fake, monitors, housekeeping, verdicts } = setup();
    const first = monitors.register(spec("a"));
    first.signal.addEventListener("abort", () => {
      first.close();
      monitors.register(spec("a", { probe: async () => saw("ok", "second") }));
    });
    first.close();
    await fake.advance(0);
    expect(housekeeping().map((line) => line.split(" ")[0])).toEqual([
      "thing.registered",
      "thing.unregistered",
      "thing.registered",
    ]);
    expect(verdicts()).toEqual(["ok second"]);
  });

  test("by the probe itself is fine", async () => {
    const { fake, monitors, manager, verdicts } = setup();
    const monitor = monitors.register(
      spec("a", {
        probe: async () => {
          monitor.close();
          return saw("ok");
        },
      }),
    );
    await fake.advance(5000);
    expect(verdicts()).toEqual([]);
    expect(manager.stats()).toMatchObject({ registered: 0, running: 0 });
  });
});

describe("stop of the source", () => {
  test("closes all with the source's reason, tells nobody, and leaves no timer", async () => {
    const { fake, monitors, manager, stop, drafts } = setup();
    const { runs, probe } = handProbe();
    const reason = new Error("reload");
    const one = monitors.register(spec("a", { probe }));
    monitors.register(spec("b"));
    await fake.advance(100);
    const before = drafts.length;
    stop.abort(reason);
    expect(one.signal.reason).toBe(reason);
    expect(runs[0]?.run.signal.reason).toBe(reason);
    expect(fake.pending).toBe(0);
    runs[0]?.resolve(saw("ok"));
    await fake.advance(10_000);
    expect(drafts).toHaveLength(before);
    expect(manager.list()).toEqual([]);
    expect(manager.stats()).toMatchObject({ registered: 0, running: 0, queued: 0 });
  });

  test("is final: what is registered afterwards is closed already", async () => {
    const { fake, monitors, stop, drafts, manager } = setup();
    const probe = vi.fn(async () => saw("ok"));
    stop.abort(new Error("reload"));
    expect(monitors.register(spec("c", { probe })).signal.reason).toEqual(new Error("reload"));
    await fake.advance(10_000);
    expect(probe).not.toHaveBeenCalled();
    expect(drafts).toEqual([]);
    expect(manager.list()).toEqual([]);
    expect(fake.pending).toBe(0);
  });

  test("leaves the other sources alone", async () => {
    const { fake, monitors, source, stop } = setup();
    const other = source("others");
    monitors.register(spec("a", { jitter: 0 }));
    other.monitors.register(spec("a", { jitter: 0 }));
    await fake.advance(0);
    stop.abort();
    await fake.advance(2000);
    expect(other.verdicts()).toHaveLength(3);
  });
});

describe("run now", () => {
  test("looks once, out of turn, and leaves the schedule alone", async () => {
    const { fake, monitors, manager, verdicts } = setup();
    const at: [number, string][] = [];
    monitors.register(
      spec("a", {
        jitter: 0,
        probe: async ({ trigger }) => {
          at.push([fake.monotonic(), trigger]);
          return {
            ...saw("warning"),
            state: "SLOW",
            measures: { rtt: { value: 1, unit: "ms" } },
          };
        },
      }),
    );
    await fake.advance(400);
    const [monitor] = manager.find("thing/a");
    const report = await monitor?.run();
    expect(report).toEqual({
      status: "warning",
      state: "SLOW",
      message: "looked",
      measures: { rtt: { value: 1, unit: "ms" } },
      durationMs: 0,
    });
    await fake.advance(1600);
    expect(at).toEqual([
      [0, "start"],
      [400, "command"],
      [1000, "schedule"],
      [2000, "schedule"],
    ]);
    expect(verdicts()).toHaveLength(4);
  });

  test("goes ahead of all who wait", async () => {
    const { fake, monitors, manager } = setup();
    const { runs, probe } = handProbe();
    const order: string[] = [];
    monitors.limit(1);
    for (const id of ["a", "b", "c"])
      monitors.register(
        spec(id, {
          schedule: { every: 60_000 },
          timeout: 60_000,
          probe: (run) => {
            order.push(`${id} ${run.trigger}`);
            return probe(run);
          },
        }),
      );
    await fake.advance(0);
    const report = manager.find("thing/c")[0]?.run();
    runs[0]?.resolve(saw("ok"));
    await fake.advance(0);
    expect(order).toEqual(["a start", "c start"]);
    runs[1]?.resolve(saw("critical", "found"));
    expect(await report).toMatchObject({ status: "critical", message: "found" });
    await fake.advance(0);
    expect(order).toEqual(["a start", "c start", "b start"]);
  });

  test("joins a run under way, or refuses where it is not to", async () => {
    const { fake, monitors, manager } = setup();
    const { runs, probe } = handProbe();
    monitors.register(spec("a", { timeout: 10_000, probe }));
    await fake.advance(250);
    const [monitor] = manager.find("thing/a");
    await expect(monitor?.run({ join: false })).rejects.toMatchObject({ code: "COMMAND_BUSY" });
    const both = Promise.all([monitor?.run(), monitor?.run()]);
    await fake.advance(250);
    runs[0]?.resolve(saw("ok"));
    expect(await both).toEqual(
      Array(2).fill({ status: "ok", state: "OK", message: "looked", measures: {}, durationMs: 500 }),
    );
    expect(runs).toHaveLength(1);
  });

  test("refuses while the last run hangs beyond its deadline", async () => {
    const { fake, monitors, manager } = setup();
    const { probe } = handProbe();
    monitors.register(spec("a", { probe }));
    await fake.advance(600);
    await expect(manager.find("thing/a")[0]?.run()).rejects.toMatchObject({ code: "COMMAND_BUSY" });
  });

  test("is told the deadline like everybody", async () => {
    const { fake, monitors, manager } = setup();
    const { probe } = handProbe();
    monitors.register(spec("a", { probe }));
    await fake.advance(0);
    const report = manager.find("thing/a")[0]?.run();
    await fake.advance(500);
    expect(await report).toMatchObject({
      status: "critical",
      message: "no result within 0.5 s",
      durationMs: 500,
    });
  });

  test("is unknown once the monitor is closed", async () => {
    const { fake, monitors, manager } = setup();
    const probe = vi.fn(async () => saw("ok"));
    const monitor = monitors.register(spec("a", { probe }));
    const [found] = manager.find("thing/a");
    monitor.close();
    await expect(found?.run()).rejects.toMatchObject({ code: "COMMAND_UNKNOWN" });
    await fake.advance(1000);
    expect(probe).not.toHaveBeenCalled();
  });

  test("rejects when the monitor is closed meanwhile", async () => {
    const { fake, monitors, manager } = setup();
    const { probe } = handProbe();
    const monitor = monitors.register(spec("a", { probe }));
    await fake.advance(0);
    const report = manager.find("thing/a")[0]?.run();
    monitor.close();
    await expect(report).rejects.toMatchObject({ code: "MONITOR_CLOSED" });
  });
});

describe("what cannot be registered", () => {
  test("an id that the source has already", () => {
    const { monitors, source } = setup();
    monitors.register(spec("a"));
    expect(() => monitors.register(spec("a", { subject: "thing/other" }))).toThrow(
      expect.objectContaining({
        code: "MONITOR_DUPLICATE",
        message: 'source things has a monitor "a" already',
      }),
    );
    expect(() => source("others").monitors.register(spec("a"))).not.toThrow();
  });

  test.each<[string, Partial<DrivenMonitorSpec>]>([
    ["no id", { id: "" }],
    ["no subject", { subject: "" }],
    ["no interval", { schedule: { every: 0 } }],
    ["an endless interval", { schedule: { every: Number.POSITIVE_INFINITY } }],
    ["no timeout", { timeout: 0 }],
    ["half a failure", { fail_after: 1.5 }],
    ["no recovery", { recover_after: 0 }],
    ["negative jitter", { jitter: -1 }],
  ])("%s", (_, over) => {
    const { monitors, drafts } = setup();
    expect(() => monitors.register(spec("a", over))).toThrow(
      expect.objectContaining({ code: "MONITOR_INVALID" }),
    );
    expect(drafts).toEqual([]);
  });

  test.each([{ cron: "* * * * * *" }, { cron: "* * * * *", timezone: "Nowhere/Land" }])(
    "schedule %o",
    (schedule) => {
      const { monitors, manager } = setup();
      expect(() => monitors.register(spec("a", { schedule }))).toThrow(
        expect.objectContaining({ code: "SCHEDULE_INVALID" }),
      );
      expect(manager.list()).toEqual([]);
    },
  );
});

describe("looking at what there is", () => {
  test("by list and by subject, with the next runs", async () => {
    const { monitors, manager, source } = setup({ start: "2026-05-01T12:00:00Z" });
    monitors.register(spec("a"));
    source("others").monitors.register(spec("a"));
    monitors.register(spec("b", { schedule: { every: 3000 } }));
    expect(manager.list().map(({ source, id }) => `${source}/${id}`)).toEqual([
      "things/a",
      "things/b",
      "others/a",
    ]);
    expect(manager.find("thing/a").map(({ source }) => source)).toEqual(["things", "others"]);
    expect(manager.find("thing/x")).toEqual([]);
    const [b] = manager.find("thing/b");
    expect(b).toMatchObject({
      schedule: { every: 3000 },
      staleAfter: null,
      runnable: true,
      phase: "idle",
    });
    expect(b?.upcoming(2).map((date) => date.toISOString())).toEqual([
      "2026-05-01T12:00:03.000Z",
      "2026-05-01T12:00:06.000Z",
    ]);
  });

  test("an idle manager runs nothing by itself, but on command", async () => {
    const { fake, monitors, manager } = setup({ idle: true });
    const probe = vi.fn(async () => saw("ok"));
    monitors.register(spec("a", { probe }));
    await fake.advance(60_000);
    expect(probe).not.toHaveBeenCalled();
    expect(await manager.find("thing/a")[0]?.run()).toMatchObject({ status: "ok" });
    expect(probe).toHaveBeenCalledTimes(1);
  });

  test("the lag says how late runs begin, and is forgotten after a while", async () => {
    const { fake, monitors, manager } = setup();
    const { runs, probe } = handProbe();
    monitors.limit(1);
    monitors.register(spec("a", { schedule: { every: 600_000 }, timeout: 5000, probe }));
    monitors.register(spec("b", { schedule: { every: 600_000 } }));
    await fake.advance(3000);
    runs[0]?.resolve(saw("ok"));
    await fake.advance(0);
    expect(manager.stats().lag).toBe(3000);
    await fake.advance(25_000);
    expect(manager.stats().lag).toBe(0);
  });
});
