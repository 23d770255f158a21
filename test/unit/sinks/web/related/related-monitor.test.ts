import { describe, expect, it } from "vitest";
import { Gate } from "../../../../../src/sinks/web/related/gate.ts";
import { RelatedMonitor } from "../../../../../src/sinks/web/related/related-monitor.ts";
import type { Reading } from "../../../../../src/sinks/web/related/service.ts";
import { nextLook, timingOf, type Within } from "../../../../../src/sinks/web/related/timing.ts";
import { FakeClock } from "../../../../../src/testkit/index.ts";

const WELL: Reading = {
  title: "KVM",
  lifeguard: false,
  services: [{ id: "a", title: "a", status: "ok", message: "fine", since: null, page: undefined }],
  counts: { critical: 0, warning: 0, unknown: 0, ok: 1 },
};
const SICK: Reading = { ...WELL, counts: { critical: 1, warning: 0, unknown: 0, ok: 1 } };

type Answer = (within: Within) => Promise<Reading>;

function setup({
  title,
  answer = async () => WELL,
  clock = new FakeClock(),
}: {
  title?: string;
  answer?: Answer;
  clock?: FakeClock;
} = {}) {
  const stop = new AbortController();
  const looks: boolean[] = [];
  const peer = { reads: 0, answer };
  const monitor = new RelatedMonitor({
    key: "k",
    href: "http://host",
    title,
    link: "http://host:81/",
    reader: {
      read: (within) => {
        peer.reads++;
        return peer.answer(within);
      },
    },
    timing: timingOf(30_000),
    gate: new Gate(1),
    clock,
    signal: stop.signal,
    looked: (_before, different) => void looks.push(different),
  });
  return { clock, stop, looks, peer, monitor, ended: monitor.run() };
}

const refuse = async () => Promise.reject(new Error("connection refused"));

describe("a related monitor", () => {
  it("is pending until it is heard, then has the verdict of its worst service", async () => {
    const { clock, peer, monitor, looks, stop, ended } = setup();
    expect(monitor.snapshot).toMatchObject({
      state: "pending",
      status: "unknown",
      title: "host:81",
      heard: null,
    });
    await clock.advance(0);
    expect(monitor.snapshot).toMatchObject({ state: "heard", status: "ok", title: "KVM", error: null });
    peer.answer = async () => SICK;
    await clock.advance(33_000);
    expect(monitor.snapshot).toMatchObject({ status: "critical", services: WELL.services });
    expect(looks).toEqual([true, true]);
    stop.abort();
    await ended;
    expect(clock.pending).toBe(0);
  });

  it("is looked at every interval; a look that brings nothing new changes only the time", async () => {
    const { clock, peer, monitor, looks, stop } = setup();
    await clock.advance(0);
    const { heard } = monitor.snapshot;
    await clock.advance(120_000);
    expect(peer.reads).toBeGreaterThanOrEqual(4);
    expect(peer.reads).toBeLessThanOrEqual(6);
    expect(looks.slice(1)).not.toContain(true);
    expect(Date.parse(monitor.snapshot.heard ?? "")).toBeGreaterThan(Date.parse(heard ?? "") + 80_000);
    stop.abort();
  });

  it("that never was heard is dead after one look in vain, and one that was after two, since the first", async () => {
    const first = setup({ answer: refuse });
    await first.clock.advance(0);
    expect(first.monitor.snapshot).toMatchObject({
      state: "dead",
      status: "critical",
      error: "connection refused",
      heard: null,
    });
    first.stop.abort();

    const { clock, peer, monitor, stop } = setup();
    await clock.advance(0);
    const failures: number[] = [];
    peer.answer = () => {
      failures.push(clock.now());
      return refuse();
    };
    const { heard } = monitor.snapshot;
    while (failures.length === 0) await clock.advance(100);
    expect(monitor.snapshot).toMatchObject({ state: "heard", status: "ok", error: null });
    await clock.advance(1100);
    expect(monitor.snapshot).toMatchObject({
      state: "dead",
      status: "critical",
      heard,
      services: WELL.services,
      deadSince: new Date(failures[0] ?? 0).toISOString(),
    });
    peer.answer = async () => WELL;
    await clock.advance(33_000);
    expect(monitor.snapshot).toMatchObject({ state: "heard", status: "ok", deadSince: null, error: null });
    stop.abort();
  });

  it("that answers nothing at all is dead within a minute", async () => {
    const { clock, peer, monitor, stop } = setup();
    await clock.advance(0);
    peer.answer = (within) => within((signal) => clock.sleep(600_000, signal) as Promise<never>);
    await clock.advance(55_000);
    expect(monitor.snapshot).toMatchObject({ state: "dead", error: "no answer within 10 s" });
    stop.abort();
  });

  it("that answers each question a little too slowly is given up after thirty seconds", async () => {
    const clock = new FakeClock();
    const { monitor, stop } = setup({
      clock,
      answer: async (within) => {
        for (;;) await within((signal) => clock.sleep(9000, signal));
      },
    });
    await clock.advance(30_000);
    expect(monitor.snapshot).toMatchObject({ state: "dead", error: "no answer within 30 s" });
    stop.abort();
  });

  it("keeps the name that it was given", async () => {
    const { clock, monitor, stop } = setup({ title: "Paris" });
    await clock.advance(0);
    expect(monitor.snapshot.title).toBe("Paris");
    stop.abort();
  });

  it("without services has no verdict", async () => {
    const { clock, monitor, stop } = setup({
      answer: async () => ({
        ...WELL,
        services: [],
        counts: { critical: 0, warning: 0, unknown: 0, ok: 0 },
      }),
    });
    await clock.advance(0);
    expect(monitor.snapshot).toMatchObject({ state: "heard", status: "unknown" });
    stop.abort();
  });

  it("ends in the middle of a look", async () => {
    const clock = new FakeClock();
    const answer: Answer = (within) => within((signal) => clock.sleep(60_000, signal) as Promise<never>);
    const { monitor, stop, ended, looks } = setup({ clock, answer });
    await clock.advance(1000);
    stop.abort();
    await ended;
    expect(monitor.snapshot.state).toBe("pending");
    expect([looks, clock.pending]).toEqual([[], 0]);
  });
});

describe("the time to the next look", () => {
  it("grows with failures up to four intervals, a tenth more or less", () => {
    const timing = timingOf(30_000);
    const middle = (failures: number) => nextLook(failures, timing, () => 0.5);
    expect([0, 1, 2, 3, 4, 5, 50].map(middle)).toEqual([
      30_000, 1000, 30_000, 60_000, 120_000, 120_000, 120_000,
    ]);
    expect(nextLook(0, timing, () => 0)).toBe(27_000);
    expect(nextLook(0, timing, () => 0.999)).toBeLessThan(33_000);
  });

  it("waits for an answer no longer than an interval", () => {
    expect([timingOf(2000).timeout, timingOf(60_000).timeout]).toEqual([2000, 10_000]);
  });
});

describe("the gate", () => {
  it("lets so many in and the others when they leave, in order; who gives up leaves the line", async () => {
    const gate = new Gate(2);
    const forever = new AbortController().signal;
    const inside: number[] = [];
    const doors = [0, 1, 2, 3, 4].map(() => Promise.withResolvers<void>());
    const stop = new AbortController();
    const passes = doors.map(({ promise }, at) =>
      gate.pass(
        () => {
          inside.push(at);
          return promise;
        },
        at === 3 ? stop.signal : forever,
      ),
    );
    const given = expect(passes[3]).rejects.toBe("tired");
    stop.abort("tired");
    await given;
    expect(inside).toEqual([0, 1]);
    doors[1]?.reject(new Error("failed"));
    await expect(passes[1]).rejects.toThrow("failed");
    expect(inside).toEqual([0, 1, 2]);
    for (const { resolve } of doors) resolve();
    await Promise.allSettled(passes);
    expect(inside).toEqual([0, 1, 2, 4]);
  });
});
