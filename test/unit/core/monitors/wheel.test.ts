import { expect, test } from "vitest";
import { TICK, Wheel } from "../../../../src/core/monitors/wheel.ts";
import { systemClock } from "../../../../src/core/system-clock.ts";
import { FakeClock } from "../../../../src/testkit/fake-clock.ts";
import { fc } from "../../../support/property.ts";

function setup() {
  const clock = new FakeClock();
  const errors: unknown[] = [];
  const lateness: number[] = [];
  const wheel = new Wheel({
    clock,
    onError: (error) => errors.push(error),
    onWake: (late) => lateness.push(late),
  });
  return { clock, errors, lateness, wheel };
}

test("an alarm goes off once, never early and at most a tick late", async () => {
  const { clock, wheel } = setup();
  const rang: number[] = [];
  wheel.alarm(() => rang.push(clock.monotonic())).set(1234);
  await clock.advance(1233);
  expect(rang).toEqual([]);
  await clock.advance(10_000);
  expect(rang).toEqual([1240]);
});

test("there is one timer while something is to come, and none otherwise", async () => {
  const { clock, wheel } = setup();
  expect(clock.pending).toBe(0);
  const alarms = Array.from({ length: 100 }, () => wheel.alarm(() => {}));
  for (const [index, alarm] of alarms.entries()) alarm.set(5000 - index * 37);
  expect(clock.pending).toBe(1);
  expect(wheel.pending).toBe(100);
  for (const alarm of alarms.slice(1)) alarm.cancel();
  expect(clock.pending).toBe(1);
  alarms[0]?.cancel();
  expect(clock.pending).toBe(0);
  alarms[1]?.set(70);
  await clock.advance(70);
  expect(clock.pending).toBe(0);
  expect(wheel.pending).toBe(0);
});

test("it sleeps until the next alarm, however far that is", async () => {
  const { clock, lateness, wheel } = setup();
  const rang: number[] = [];
  wheel.alarm(() => rang.push(clock.monotonic())).set(3_600_000);
  await clock.advance(3_600_000);
  expect(rang).toEqual([3_600_000]);
  expect(lateness).toEqual([0]);
});

test("it waits longer than a timer of the platform can", async () => {
  const { clock, wheel } = setup();
  const sleeps: number[] = [];
  const setTimeout = clock.setTimeout.bind(clock);
  clock.setTimeout = (callback, ms, signal) => {
    sleeps.push(ms);
    return setTimeout(callback, ms, signal);
  };
  const days = 86_400_000;
  const rang: number[] = [];
  wheel.alarm(() => rang.push(clock.monotonic())).set(40 * days);
  await clock.advance(41 * days);
  expect(rang).toEqual([40 * days]);
  expect(Math.max(...sleeps)).toBeLessThan(2 ** 31);
});

test("alarms whole turns of the wheel apart do not disturb each other", async () => {
  const { clock, wheel } = setup();
  const turn = 512 * TICK;
  const rang: number[] = [];
  for (const turns of [3, 0, 1, 2]) wheel.alarm(() => rang.push(clock.monotonic())).set(turns * turn + 50);
  await clock.advance(4 * turn);
  expect(rang).toEqual([50, turn + 50, 2 * turn + 50, 3 * turn + 50]);
});

test("setting again moves the call", async () => {
  const { clock, wheel } = setup();
  const rang: number[] = [];
  const alarm = wheel.alarm(() => rang.push(clock.monotonic()));
  alarm.set(100);
  alarm.set(300);
  await clock.advance(1000);
  expect(rang).toEqual([300]);
  alarm.set(100);
  alarm.set(50);
  await clock.advance(1000);
  expect(rang).toEqual([300, 1050]);
});

test("a call that throws is told, and holds back no other", async () => {
  const { clock, errors, wheel } = setup();
  const rang: string[] = [];
  wheel
    .alarm(() => {
      throw new Error("broken");
    })
    .set(20);
  wheel.alarm(() => rang.push("same tick")).set(20);
  wheel.alarm(() => rang.push("later")).set(50);
  await clock.advance(100);
  expect(rang).toEqual(["same tick", "later"]);
  expect(errors).toEqual([new Error("broken")]);
});

test("a call may cancel another of the same tick", async () => {
  const { clock, wheel } = setup();
  const rang: string[] = [];
  const second = wheel.alarm(() => rang.push("second"));
  const first = wheel.alarm(() => {
    rang.push("first");
    second.cancel();
  });
  first.set(20);
  second.set(20);
  await clock.advance(100);
  expect(rang).toEqual(["first"]);
  expect(clock.pending).toBe(0);
});

test("a call that sets itself again at once starves nobody", async () => {
  const { clock, wheel } = setup();
  let busy = 0;
  const greedy = wheel.alarm(() => {
    busy += 1;
    greedy.set(0);
  });
  greedy.set(0);
  let rang = false;
  wheel
    .alarm(() => {
      rang = true;
    })
    .set(100);
  await clock.advance(100);
  expect(rang).toBe(true);
  expect(busy).toBeLessThanOrEqual(100 / TICK + 1);
  greedy.cancel();
});

test("in order of their ticks and nothing lost, whatever is set, moved and cancelled", async () => {
  const step = fc.oneof(
    fc.record({
      do: fc.constant("set" as const),
      alarm: fc.nat(19),
      ms: fc.oneof(fc.nat(100), fc.nat(20_000)),
    }),
    fc.record({ do: fc.constant("cancel" as const), alarm: fc.nat(19) }),
    fc.record({ do: fc.constant("advance" as const), ms: fc.oneof(fc.nat(30), fc.nat(12_000)) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const { clock, wheel } = setup();
      /** What each alarm is set to: when, and as which in a row. */
      const expected = new Map<number, { due: number; order: number }>();
      const rang: { tick: number; order: number }[] = [];
      const alarms = Array.from({ length: 20 }, (_, index) =>
        wheel.alarm(() => {
          const entry = expected.get(index);
          if (!entry) throw new Error(`alarm ${index} went off though it was not set`);
          expected.delete(index);
          expect(clock.monotonic()).toBeGreaterThanOrEqual(entry.due);
          expect(clock.monotonic() - entry.due).toBeLessThan(TICK);
          rang.push({ tick: Math.ceil(entry.due / TICK), order: entry.order });
        }),
      );
      let order = 0;
      for (const step of steps) {
        if (step.do === "advance") await clock.advance(step.ms);
        else if (step.do === "cancel") {
          alarms[step.alarm]?.cancel();
          expected.delete(step.alarm);
        } else {
          alarms[step.alarm]?.set(step.ms);
          expected.set(step.alarm, { due: clock.monotonic() + step.ms, order: order++ });
        }
        expect(clock.pending).toBeLessThanOrEqual(1);
        expect(wheel.pending).toBe(expected.size);
      }
      await clock.advance(40_000);
      expect(expected.size).toBe(0);
      expect(clock.pending).toBe(0);
      const sorted = [...rang].sort((a, b) => a.tick - b.tick || a.order - b.order);
      expect(rang).toEqual(sorted);
    }),
    { numRuns: 60 },
  );
});

test("after a stall everything overdue goes off, in order, and the lateness is told", async () => {
  const fake = new FakeClock();
  let stalled = 0;
  const lateness: number[] = [];
  const wheel = new Wheel({
    clock: {
      now: () => fake.now(),
      monotonic: () => fake.monotonic() + stalled,
      setTimeout: (callback, ms, signal) => fake.setTimeout(callback, ms, signal),
      sleep: (ms, signal) => fake.sleep(ms, signal),
    },
    onError: (error) => {
      throw error;
    },
    onWake: (late) => lateness.push(late),
  });
  const rang: number[] = [];
  for (const ms of [9000, 20, 6000, 300]) wheel.alarm(() => rang.push(ms)).set(ms);
  stalled = 8000;
  await fake.advance(20);
  expect(rang).toEqual([20, 300, 6000]);
  expect(lateness).toEqual([8000]);
  await fake.advance(1000);
  expect(rang).toEqual([20, 300, 6000, 9000]);
});

test("works on the real clock", async () => {
  const began = performance.now();
  const rang: number[] = [];
  await new Promise<void>((resolve) => {
    const wheel = new Wheel({ clock: systemClock, onError: () => {} });
    for (const ms of [45, 5, 25])
      wheel
        .alarm(() => {
          rang.push(ms);
          expect(performance.now() - began).toBeGreaterThanOrEqual(ms);
          if (rang.length === 3) resolve();
        })
        .set(ms);
  });
  expect(rang).toEqual([5, 25, 45]);
});
