import { beforeEach, describe, expect, test, vi } from "vitest";
import { createLogger, type RootLogger } from "../../../src/core/log.ts";
import { type RunScope, type Start, Supervisor } from "../../../src/core/supervisor.ts";
import { LifeguardError } from "../../../src/plugin/index.ts";
import { FakeClock } from "../../../src/testkit/fake-clock.ts";

const NEVER = new AbortController().signal;

let clock: FakeClock;
let log: RootLogger;
let lines: string[];
let changes: string[];
let supervisor: Supervisor;

beforeEach(async () => {
  clock = new FakeClock();
  lines = [];
  changes = [];
  log = await createLogger({ destination: { write: (line) => lines.push(line) } });
  supervisor = new Supervisor({
    clock,
    log,
    strict: true,
    onChange: ({ id, state }, previous) => changes.push(`${id} ${previous}>${state}`),
    pace: {
      backoff: { initial: 1000, max: 8000 },
      steadyAfter: 60_000,
      startTimeout: 30_000,
      random: () => 0.999,
    },
  });
});

const state = (id: string) => supervisor.components().find((component) => component.id === id)?.state;
const message = (id: string) => supervisor.components().find((component) => component.id === id)?.message;
const add = (id = "source/a") => supervisor.add(id, "source");

describe("states", () => {
  test("a component becomes ok when its start resolved, and remembers since when", async () => {
    const component = add();
    expect(component.health).toMatchObject({ state: "starting", status: "unknown", kind: "source" });
    await clock.advance(5000);
    await supervisor.run(component, () => {});
    expect(component.health).toMatchObject({
      state: "ok",
      status: "ok",
      message: "",
      since: "2026-01-01T00:00:05.000Z",
    });
    expect(changes).toEqual(["source/a starting>ok"]);
  });

  test("an invalid transition throws in tests and is only logged in production", () => {
    const component = add();
    component.to("stopped");
    expect(() => component.to("ok")).toThrow(expect.objectContaining({ code: "COMPONENT_STATE" }));

    const calm = new Supervisor({ clock, log }).add("journal", "core");
    calm.to("stopped");
    calm.to("ok");
    expect(calm.state).toBe("stopped");
    expect(lines.join()).toContain("journal cannot go from stopped to ok");
  });

  test("a new message for the same state tells nobody and keeps since", async () => {
    const component = add();
    component.to("recoverable", "first");
    const { since } = component.health;
    await clock.advance(1000);
    component.to("recoverable", "second");
    expect(component.health).toMatchObject({ message: "second", since });
    expect(changes).toHaveLength(1);
  });

  test("a listener that throws harms nobody", () => {
    const broken = new Supervisor({
      clock,
      log,
      onChange: () => {
        throw new Error("listener");
      },
    });
    const component = broken.add("journal", "core");
    component.to("ok");
    expect(component.state).toBe("ok");
  });

  test("ready only when everything has started and nothing has failed for good; what tries again by itself does not count", async () => {
    const a = add();
    expect(supervisor.ready()).toBe(false);
    await supervisor.run(a, () => {});
    expect(supervisor.ready()).toBe(true);
    const journal = supervisor.add("journal", "core");
    expect(supervisor.ready()).toBe(false);
    journal.to("ok");
    expect(supervisor.ready()).toBe(true);
    journal.to("recoverable", "disk full");
    expect(supervisor.ready()).toBe(false);
    journal.to("ok");
    a.to("recoverable", "connection refused");
    expect(supervisor.ready()).toBe(true);
    a.to("permanent", "no such option");
    expect(supervisor.ready()).toBe(false);
  });
});

describe("restarts", () => {
  test("a start that rejects is tried again after a growing back-off, without telling the same twice", async () => {
    const start = vi.fn().mockRejectedValue(new Error("no route"));
    await supervisor.run(add(), start);
    expect(state("source/a")).toBe("recoverable");
    expect(message("source/a")).toContain("no route");
    expect(start).toHaveBeenCalledTimes(1);
    for (const [delay, calls] of [
      [999, 2],
      [1998, 3],
      [3996, 4],
      [7992, 5],
      [7992, 6],
    ] as const) {
      await clock.advance(delay - 1);
      expect(start).toHaveBeenCalledTimes(calls - 1);
      await clock.advance(1);
      expect(start).toHaveBeenCalledTimes(calls);
    }
    expect(changes).toEqual(["source/a starting>recoverable"]);
    start.mockResolvedValue(undefined);
    await clock.advance(8000);
    expect(state("source/a")).toBe("ok");
  });

  test("a start that throws is as one that rejects", async () => {
    await supervisor.run(add(), () => {
      throw new Error("sync");
    });
    expect(state("source/a")).toBe("recoverable");
  });

  test("who starts something is told why it did not start, without what it showed of secrets", async () => {
    const own = await createLogger({ destination: { write: () => {} }, secrets: new Set(["s3cret-word"]) });
    const quiet = new Supervisor({ clock, log: own });
    const run = (id: string, start: Start) => quiet.run(quiet.add(id, "source"), start);
    const refused = Promise.reject(new Error("refused s3cret-word"));
    const unusable = Promise.reject(new LifeguardError("CONFIG", "no such table"));
    expect(await run("source/a", () => refused)).toBe("refused [redacted]");
    expect(await run("source/b", () => unusable)).toBe("no such table");
    expect(await run("source/c", () => {})).toBeUndefined();
    for (const id of ["source/a", "source/b", "source/c"]) await quiet.stop(id, NEVER);
  });

  test("a later failure ends the life before a new one begins", async () => {
    const lives: RunScope[] = [];
    const log: string[] = [];
    await supervisor.run(add(), (life) => {
      lives.push(life);
      log.push("start");
      life.onStop(() => void log.push("stop"));
    });
    lives[0]?.fail(new Error("reset by peer"));
    await clock.advance(0);
    expect(lives[0]?.signal.aborted).toBe(true);
    expect(state("source/a")).toBe("recoverable");
    await clock.advance(1000);
    expect(log).toEqual(["start", "stop", "start"]);
    expect(lives[1]?.signal.aborted).toBe(false);
    expect(state("source/a")).toBe("ok");
  });

  test("what an ended life still says counts for nothing", async () => {
    const lives: RunScope[] = [];
    await supervisor.run(add(), (life) => void lives.push(life));
    lives[0]?.fail(new Error("one"));
    await clock.advance(1000);
    lives[0]?.fail(new Error("again"));
    lives[0]?.degraded("zombie");
    await clock.advance(0);
    expect(state("source/a")).toBe("ok");
    expect(lives).toHaveLength(2);
  });

  test("the back-off begins anew after it ran well for a while", async () => {
    let life: RunScope | undefined;
    const start = vi.fn((scope: RunScope) => {
      life = scope;
    });
    await supervisor.run(add(), start);
    for (let i = 0; i < 4; i++) {
      life?.fail(new Error("flap"));
      await clock.advance(8000);
    }
    expect(start).toHaveBeenCalledTimes(5);
    await clock.advance(60_000);
    life?.fail(new Error("after a good while"));
    await clock.advance(999);
    expect(start).toHaveBeenCalledTimes(6);
  });

  test("a CONFIG error is for good, until somebody asks for a restart", async () => {
    const start = vi.fn().mockRejectedValue(new LifeguardError("CONFIG", "no such user"));
    await supervisor.run(add(), start);
    await clock.advance(3_600_000);
    expect(start).toHaveBeenCalledTimes(1);
    expect(supervisor.components()[0]).toMatchObject({
      state: "permanent",
      status: "critical",
      message: "no such user",
    });
    start.mockResolvedValue(undefined);
    await supervisor.restart("source/a", "fixed");
    expect(state("source/a")).toBe("ok");
  });

  test("completing means stopped, which is no failure", async () => {
    let life: RunScope | undefined;
    const start = vi.fn((scope: RunScope) => {
      life = scope;
    });
    await supervisor.run(add(), start);
    life?.complete();
    await clock.advance(3_600_000);
    expect(start).toHaveBeenCalledTimes(1);
    expect(state("source/a")).toBe("stopped");
    expect(supervisor.ready()).toBe(true);
    await supervisor.stop("source/a", NEVER);
    supervisor.remove("source/a");
    expect(supervisor.components()).toEqual([]);
  });

  test("a trouble it works on by itself is shown, and restarts nothing", async () => {
    let life: RunScope | undefined;
    const start = vi.fn((scope: RunScope) => {
      life = scope;
    });
    await supervisor.run(add(), start);
    life?.degraded("broker is down");
    expect(supervisor.components()[0]).toMatchObject({ state: "recoverable", message: "broker is down" });
    life?.recovered();
    expect(state("source/a")).toBe("ok");
    await clock.advance(100_000);
    expect(start).toHaveBeenCalledTimes(1);
  });

  test("a wanted restart gives a new life without a back-off, after the old one was drained", async () => {
    const trace: string[] = [];
    const start = vi.fn((life: RunScope) => {
      life.onStop(() => void trace.push("closed"));
      return { drain: async () => void trace.push("drained") };
    });
    await supervisor.run(add(), start);
    await supervisor.restart("source/a", "stalled");
    expect(trace).toEqual(["drained", "closed"]);
    expect(start).toHaveBeenCalledTimes(2);
    expect(changes).toEqual(["source/a starting>ok", "source/a ok>starting", "source/a starting>ok"]);
    expect(clock.pending).toBe(0);
  });

  test("a wanted restart does not wait for the back-off", async () => {
    const start = vi.fn().mockRejectedValueOnce(new Error("x")).mockResolvedValue(undefined);
    await supervisor.run(add(), start);
    await supervisor.restart("source/a", "now");
    expect(state("source/a")).toBe("ok");
  });
});

describe("starts that hang", () => {
  test("hold up the others for a moment only", async () => {
    const run = supervisor.run(add(), () => new Promise(() => {}));
    await clock.advance(1000);
    expect(await run).toBeUndefined();
    expect(state("source/a")).toBe("starting");
  });

  test("fail after their time, and what comes late is torn down at once", async () => {
    const late = Promise.withResolvers<void>();
    const closed = vi.fn();
    const start = vi
      .fn()
      .mockImplementationOnce(async (life: RunScope) => {
        await late.promise;
        life.onStop(closed);
      })
      .mockResolvedValue(undefined);
    void supervisor.run(add(), start);
    await clock.advance(30_000);
    expect(message("source/a")).toContain("did not start within 30000 ms");
    await clock.advance(1000);
    expect(state("source/a")).toBe("ok");
    late.resolve();
    await clock.advance(0);
    expect(closed).toHaveBeenCalledOnce();
    expect(state("source/a")).toBe("ok");
  });

  test("do not hold up a restart, nor whoever asked for one before", async () => {
    const start = vi.fn(() => new Promise<void>(() => {}));
    void supervisor.run(add(), start);
    await clock.advance(10);
    const first = supervisor.restart("source/a", "one");
    await clock.advance(10);
    start.mockResolvedValue(undefined);
    await supervisor.restart("source/a", "two");
    await first;
    expect(state("source/a")).toBe("ok");
  });

  test("do not hold up a stop", async () => {
    void supervisor.run(add(), () => new Promise(() => {}));
    await clock.advance(10);
    await supervisor.stop("source/a", NEVER);
    expect(state("source/a")).toBe("stopped");
  });
});

describe("teardown", () => {
  test("runs last-registered first after the abort, each waited for, a throwing one skipped", async () => {
    const trace: string[] = [];
    await supervisor.run(add(), (life) => {
      life.signal.addEventListener("abort", () => trace.push("abort"));
      life.onStop(() => void trace.push("first registered"));
      life.onStop(() => {
        throw new Error("bad teardown");
      });
      life.onStop(async () => {
        await null;
        trace.push("last registered");
      });
    });
    await supervisor.stop("source/a", NEVER);
    expect(trace).toEqual(["abort", "last registered", "first registered"]);
    expect(lines.join()).toContain("bad teardown");
    expect(changes.slice(1)).toEqual(["source/a ok>stopping", "source/a stopping>stopped"]);
  });

  test("that hangs is left behind after a second and named; the others still run", async () => {
    const others = vi.fn();
    await supervisor.run(add(), (life) => {
      life.onStop(others);
      life.onStop(function closeSocket() {
        return new Promise(() => {});
      });
    });
    const stopped = supervisor.stop("source/a", NEVER);
    await clock.advance(999);
    expect(state("source/a")).toBe("stopping");
    await clock.advance(1);
    await stopped;
    expect(others).toHaveBeenCalledOnce();
    expect(lines.join()).toContain("closeSocket");
    expect(clock.pending).toBe(0);
  });

  test("drains while everything still works, and no longer than the deadline and a moment", async () => {
    let aborted: boolean | undefined;
    await supervisor.run(add(), (life) => ({
      drain: () => {
        aborted = life.signal.aborted;
        return new Promise(() => {});
      },
    }));
    const deadline = new AbortController();
    const stopped = supervisor.stop("source/a", deadline.signal);
    await clock.advance(20_000);
    expect(aborted).toBe(false);
    expect(state("source/a")).toBe("stopping");
    deadline.abort();
    await clock.advance(1000);
    await stopped;
    expect(state("source/a")).toBe("stopped");
  });

  test("stopping twice, and stopping in the middle of a back-off, is fine", async () => {
    await supervisor.run(add(), () => Promise.reject(new Error("x")));
    await Promise.all([supervisor.stop("source/a", NEVER), supervisor.stop("source/a", NEVER)]);
    expect(state("source/a")).toBe("stopped");
    expect(clock.pending).toBe(0);
    await supervisor.stop("source/unknown", NEVER);
  });

  test("a stopped component may come back under the same id", async () => {
    await supervisor.run(add(), () => {});
    expect(() => add()).toThrow("still ok");
    await supervisor.stop("source/a", NEVER);
    await supervisor.run(add(), () => {});
    expect(supervisor.components()).toHaveLength(1);
    expect(state("source/a")).toBe("ok");
  });
});
