import { describe, expect, test, vi } from "vitest";
import type { Observation, SelfDrivenMonitorSpec } from "../../../../src/plugin/index.ts";
import { deferred, saw, setup } from "./scripted-host.ts";

function spec(id: string, over: Partial<SelfDrivenMonitorSpec> = {}): SelfDrivenMonitorSpec {
  return { id, subject: `thing/${id}`, stale_after: 3000, ...over };
}

/** Details that count how often they were asked for. */
function details(message = "looked") {
  return vi.fn(() => ({ type: "thing.seen", message }));
}

describe("a beat", () => {
  test("the first one makes an event; while nothing changes there is none, and no details are asked for", () => {
    const { monitors, drafts } = setup();
    const monitor = monitors.register(spec("a"));
    const asked = details();
    monitor.observe("ok", asked);
    expect(drafts.slice(1)).toEqual([
      {
        type: "thing.seen",
        subject: "thing/a",
        status: "ok",
        state: "OK",
        message: "looked",
        by: "source",
      },
    ]);
    for (let i = 0; i < 1000; i++) monitor.observe("ok", asked);
    expect(asked).toHaveBeenCalledTimes(1);
    expect(drafts).toHaveLength(2);
  });

  test("whose event found no room tells again", () => {
    let full = true;
    const { monitors, verdicts } = setup({
      refuse({ type }) {
        if (full && type === "thing.seen") throw new Error("no room");
      },
    });
    const monitor = monitors.register(spec("a"));
    monitor.observe("ok", details());
    monitor.observe("ok", details());
    expect(verdicts()).toEqual([]);
    full = false;
    for (let i = 0; i < 3; i++) monitor.observe("ok", details());
    expect(verdicts()).toEqual(["ok looked"]);
  });

  test("whose event is refused for good becomes one visible unknown, not one for each beat", () => {
    const { monitors, verdicts } = setup({
      refuse(_, by) {
        if (by === "source") throw new Error("data: expected a number");
      },
    });
    const monitor = monitors.register(spec("a"));
    for (let i = 0; i < 5; i++) monitor.observe("ok", details());
    expect(verdicts()).toEqual(["unknown what its monitor observed was refused: data: expected a number"]);
  });

  test("writes when the subject was seen", async () => {
    const { fake, clock, monitors, cells } = setup();
    const monitor = monitors.register(spec("a"));
    monitor.observe("ok", details());
    await fake.advance(1234);
    monitor.observe("ok", details());
    expect(cells.get("thing/a")?.seen).toBe(clock.now());
  });

  test("with another status makes an event", () => {
    const { monitors, verdicts } = setup();
    const monitor = monitors.register(spec("a"));
    for (const status of ["ok", "warning", "warning", "critical", "unknown", "ok"] as const)
      monitor.observe(status, details());
    expect(verdicts()).toEqual([
      "ok looked",
      "warning looked",
      "critical looked",
      "unknown looked",
      "ok looked",
    ]);
  });

  test("with another state makes an event, which has that state", () => {
    const { monitors, drafts } = setup();
    const monitor = monitors.register(spec("a"));
    const asked = details();
    for (const state of ["UP", "UP", "HEALING", "HEALING", "UP"]) monitor.observe("ok", asked, state);
    expect(drafts.slice(1).map(({ state }) => state)).toEqual(["UP", "HEALING", "UP"]);
    expect(asked).toHaveBeenCalledTimes(3);
  });

  test("takes the state from the details where it is given there alone", () => {
    const { monitors, drafts } = setup();
    const monitor = monitors.register(spec("a"));
    monitor.observe("critical", () => ({ type: "thing.lost", state: "LOST", message: "gone" }));
    expect(drafts.at(-1)).toMatchObject({ type: "thing.lost", status: "critical", state: "LOST" });
  });
});

describe("hysteresis", () => {
  test("lets a change through when it is confirmed", () => {
    const { monitors, verdicts } = setup();
    const monitor = monitors.register(spec("a", { fail_after: 3, recover_after: 2 }));
    const see = (...statuses: Observation["status"][]) => {
      for (const status of statuses) monitor.observe(status, details());
      return verdicts();
    };
    expect(see("ok", "critical", "critical")).toEqual(["ok looked"]);
    expect(see("critical", "critical")).toEqual(["ok looked", "critical looked"]);
    expect(see("ok", "critical", "ok")).toHaveLength(2);
    expect(see("ok")).toEqual(["ok looked", "critical looked", "ok looked"]);
  });

  test("of a first failure says unknown, and how far it is", () => {
    const { monitors, verdicts } = setup();
    const monitor = monitors.register(spec("a", { fail_after: 3 }));
    for (let i = 0; i < 3; i++) monitor.observe("critical", details());
    expect(verdicts()).toEqual(["unknown looked (critical, 1 of 3)", "critical looked"]);
  });

  test("a state that is not confirmed is no change of state", () => {
    const { monitors, drafts } = setup();
    const monitor = monitors.register(spec("a", { fail_after: 3 }));
    monitor.observe("ok", details(), "UP");
    monitor.observe("critical", details(), "DOWN");
    monitor.observe("ok", details(), "UP");
    expect(drafts).toHaveLength(2);
  });

  test("goes on from what stands, so that a restart makes no second change", () => {
    const { monitors, verdicts } = setup({
      standing: { "thing/a": { status: "critical", state: "DOWN", episode: "e1" } },
    });
    const monitor = monitors.register(spec("a", { fail_after: 3, recover_after: 2 }));
    monitor.observe("critical", details(), "DOWN");
    monitor.observe("ok", details(), "UP");
    monitor.observe("critical", details(), "DOWN");
    expect(verdicts()).toEqual(["critical looked"]);
  });
});

describe("a monitor that stops beating", () => {
  test("is reaped: its signal aborts, an event says so, and what it covers is not trusted", async () => {
    const { fake, monitors, manager, housekeeping, distrusted, drafts } = setup();
    const monitor = monitors.register(spec("a"));
    const covering = monitors.register(spec("b", { covers: "vim/b-*" }));
    await fake.advance(2000);
    monitor.observe("ok", details());
    await fake.advance(2000);
    expect(covering.signal.reason).toMatchObject({ code: "MONITOR_STALE" });
    expect(monitor.signal.aborted).toBe(false);
    await fake.advance(3000);
    expect(monitor.signal.reason).toMatchObject({
      code: "MONITOR_STALE",
      message: expect.stringContaining("no beat for"),
    });
    expect(housekeeping().slice(2)).toEqual([
      "thing.monitor_deleted monitor b deleted: no beat for 4 s",
      "thing.monitor_deleted monitor a deleted: no beat for 4 s",
    ]);
    expect(drafts.at(-1)).toMatchObject({ data: { monitor: "a", covers: "thing/a" }, by: "core" });
    expect(drafts.at(-1)).not.toHaveProperty("status");
    expect(distrusted).toEqual([
      ["vim/b-*", "no beat for 4 s"],
      ["thing/a", "no beat for 4 s"],
    ]);
    expect(manager.stats()).toMatchObject({ registered: 0, reaped: 2 });
  });

  test("may be registered again at once, and its first beat makes an event", async () => {
    const { fake, monitors, verdicts } = setup();
    const first = monitors.register(spec("a"));
    first.signal.addEventListener("abort", () => monitors.register(spec("a")).observe("ok", details("back")));
    first.observe("ok", details());
    await fake.advance(5000);
    first.observe("critical", details("from the dead"));
    expect(verdicts()).toEqual(["ok looked", "ok back"]);
  });

  test("whose fellow was closed on that news is left alone", async () => {
    const { fake, monitors, manager, housekeeping } = setup();
    const first = monitors.register(spec("a"));
    const second = monitors.register(spec("b"));
    first.signal.addEventListener("abort", () => {
      second.close();
      monitors.register(spec("b"));
    });
    await fake.advance(4000);
    expect(housekeeping().map((line) => line.split(" ").slice(0, 3).join(" "))).toEqual([
      "thing.registered monitor a",
      "thing.registered monitor b",
      "thing.monitor_deleted monitor a",
      "thing.unregistered monitor b",
      "thing.registered monitor b",
    ]);
    expect(manager.stats()).toMatchObject({ registered: 1, reaped: 1 });
  });

  test("is not reaped because lifeguard itself stood still", async () => {
    const { fake, clock, monitors } = setup();
    const monitor = monitors.register(spec("a"));
    await fake.advance(1000);
    clock.stall(60_000);
    await fake.advance(2500);
    expect(monitor.signal.aborted).toBe(false);
    await fake.advance(3000);
    expect(monitor.signal.aborted).toBe(true);
  });

  test("keeps its time by the monotonic clock", async () => {
    const { fake, monitors } = setup();
    const monitor = monitors.register(spec("a", { stale_after: 60_000 }));
    fake.setWall("2030-01-01T00:00:00Z");
    await fake.advance(59_000);
    expect(monitor.signal.aborted).toBe(false);
  });
});

describe("most of them stop together", () => {
  test("the source is restarted once, and none is reaped", async () => {
    const { fake, monitors, manager, restarts, logged, housekeeping } = setup();
    const all = Array.from({ length: 10_000 }, (_, index) => monitors.register(spec(`${index}`)));
    // Beats are spread over the second before the stall, so they do not all go stale in the same check.
    for (let slice = 0; slice < 10; slice++) {
      for (let i = slice; i < all.length; i += 10) all[i]?.observe("ok", details());
      await fake.advance(100);
    }
    const before = housekeeping().length;
    await fake.advance(20_000);
    expect(restarts).toHaveLength(1);
    expect(restarts[0]).toMatch(/of 10000 monitors stopped beating together: the source is stalled/);
    expect(logged).toHaveLength(1);
    expect(housekeeping()).toHaveLength(before);
    expect(manager.stats()).toMatchObject({ registered: 10_000, reaped: 0 });
  });

  test("fewer than ten are reaped one by one", async () => {
    const { fake, monitors, manager, restarts } = setup();
    for (let i = 0; i < 9; i++) monitors.register(spec(`${i}`));
    await fake.advance(10_000);
    expect(restarts).toEqual([]);
    expect(manager.stats()).toMatchObject({ registered: 0, reaped: 9 });
  });

  test("half of them are reaped one by one", async () => {
    const { fake, monitors, manager, restarts } = setup();
    const all = Array.from({ length: 100 }, (_, index) => monitors.register(spec(`${index}`)));
    for (let i = 0; i < 20; i++) {
      for (const monitor of all.slice(50)) monitor.observe("ok", details());
      await fake.advance(500);
    }
    expect(restarts).toEqual([]);
    expect(manager.stats()).toMatchObject({ registered: 50, reaped: 50 });
  });

  test("those that were quiet and beat again are spared, those that stay silent are reaped after all", async () => {
    const { fake, monitors, manager, restarts } = setup();
    const all = Array.from({ length: 100 }, (_, index) =>
      monitors.register(spec(`${index}`, { stale_after: 10_000 })),
    );
    await fake.advance(4000);
    for (const monitor of all.slice(40)) monitor.observe("ok", details());
    await fake.advance(7000);
    // 40 are stale, the others quiet for more than half their time: held back.
    expect(manager.stats().reaped).toBe(0);
    for (const monitor of all.slice(40)) monitor.observe("ok", details());
    await fake.advance(2000);
    expect(restarts).toEqual([]);
    expect(manager.stats()).toMatchObject({ registered: 60, reaped: 40 });
  });
});

test("the dead are not held back for ever by others that beat slowly", async () => {
  const { fake, monitors, manager, restarts } = setup();
  const all = Array.from({ length: 90 }, (_, index) =>
    monitors.register(spec(`${index}`, { stale_after: 10_000 })),
  );
  for (let i = 0; i < 24; i++) {
    // 36 are dead; each of the others beats every 9 s, so that at any time a good part of them is quiet.
    for (const [index, monitor] of all.entries())
      if (index >= 36 && (index + i) % 9 === 0) monitor.observe("ok", details());
    await fake.advance(1000);
    expect(manager.stats().reaped).toBe(i < 15 ? 0 : 36);
  }
  expect(restarts).toEqual([]);
});

test("that ten thousand were registered is told over some seconds, in order, and before what each of them says", async () => {
  const { fake, monitors, drafts } = setup();
  const all = Array.from({ length: 10_000 }, (_, index) =>
    monitors.register(spec(`${index}`, { stale_after: 60_000 })),
  );
  expect(drafts.length).toBeLessThan(100);
  all[9999]?.observe("ok", details());
  expect(drafts.slice(-2).map(({ type, subject }) => `${type} ${subject}`)).toEqual([
    "thing.registered thing/9999",
    "thing.seen thing/9999",
  ]);
  all[9998]?.close();
  expect(drafts.slice(-2).map(({ type, subject }) => `${type} ${subject}`)).toEqual([
    "thing.registered thing/9998",
    "thing.unregistered thing/9998",
  ]);
  await fake.advance(3000);
  const told = drafts.filter(({ type }) => type === "thing.registered").map(({ subject }) => subject);
  expect(told).toHaveLength(10_000);
  expect(told.filter((subject) => !/999[89]$/.test(subject))).toEqual(
    all
      .slice(0, 9998)
      .map(({ subject }) => subject)
      .filter((subject) => !/999[89]$/.test(subject)),
  );
});

describe("close and stop", () => {
  test("close tells, aborts, and what is observed later is ignored", async () => {
    const { fake, monitors, housekeeping, verdicts } = setup();
    const monitor = monitors.register(spec("a"));
    monitor.close();
    monitor.close();
    monitor.observe("critical", details());
    await fake.advance(60_000);
    expect(monitor.signal.reason).toMatchObject({ code: "MONITOR_CLOSED" });
    expect(housekeeping()).toEqual([
      "thing.registered monitor a registered",
      "thing.unregistered monitor a unregistered",
    ]);
    expect(verdicts()).toEqual([]);
  });

  test("stop of the source tells nobody and leaves no timer", async () => {
    const { fake, monitors, drafts, stop } = setup();
    const monitor = monitors.register(spec("a"));
    stop.abort(new Error("reload"));
    expect(monitor.signal.reason).toEqual(new Error("reload"));
    expect(drafts).toHaveLength(1);
    expect(fake.pending).toBe(0);
  });
});

describe("run now", () => {
  test("looks with its probe, counts as a beat, and makes an event", async () => {
    const { fake, monitors, manager, verdicts } = setup();
    const probe = vi.fn(async () => saw("warning", "slow"));
    const monitor = monitors.register(spec("a", { probe }));
    monitor.observe("ok", details());
    await fake.advance(2500);
    expect(await manager.find("thing/a")[0]?.run()).toMatchObject({ status: "warning", message: "slow" });
    expect(probe).toHaveBeenCalledWith(expect.objectContaining({ trigger: "command" }));
    await fake.advance(2500);
    expect(monitor.signal.aborted).toBe(false);
    expect(verdicts()).toEqual(["ok looked", "warning slow"]);
  });

  test("ends within stale_after", async () => {
    const { fake, monitors, manager } = setup();
    const never = deferred<Observation>();
    const monitor = monitors.register(spec("a", { probe: () => never.promise }));
    const report = manager.find("thing/a")[0]?.run();
    await fake.advance(2000);
    monitor.observe("ok", details());
    await fake.advance(1000);
    expect(await report).toMatchObject({ status: "critical", message: "no result within 3 s" });
  });

  test("without a probe is unknown", async () => {
    const { monitors, manager } = setup();
    monitors.register(spec("a"));
    const [monitor] = manager.find("thing/a");
    expect(monitor).toMatchObject({ runnable: false, staleAfter: 3000, schedule: null });
    expect(monitor?.upcoming(3)).toEqual([]);
    await expect(monitor?.run()).rejects.toMatchObject({ code: "COMMAND_UNKNOWN" });
  });
});

test("what makes no sense is refused", () => {
  const { monitors } = setup();
  expect(() => monitors.register(spec("a", { stale_after: 0 }))).toThrow(
    expect.objectContaining({ code: "MONITOR_INVALID" }),
  );
  monitors.register(spec("a"));
  expect(() => monitors.register(spec("a"))).toThrow(expect.objectContaining({ code: "MONITOR_DUPLICATE" }));
});
