import { afterEach, describe, expect, test, vi } from "vitest";
import { saw, setup } from "./scripted-host.ts";

afterEach(() => {
  vi.useRealTimers();
});

/** A setup whose wall time is also that of `Date`, which node-cron computes from. */
function cronSetup(start: string, random: () => number = () => 0) {
  const parts = setup({ start, random });
  const { clock } = parts;
  vi.useFakeTimers({ toFake: ["Date"], now: clock.now() });
  const now = clock.now.bind(clock);
  // Whoever asks the clock sees `Date` at the same time.
  clock.now = () => {
    const time = now();
    vi.setSystemTime(time);
    return time;
  };
  return parts;
}

/** Registers a monitor that writes down when it ran: wall time, `HH:MM:SS`. */
function register(
  { clock, monitors }: ReturnType<typeof setup>,
  id: string,
  schedule: { every: number } | { cron: string; timezone?: string },
): string[] {
  const ran: string[] = [];
  monitors.register({
    id,
    subject: `thing/${id}`,
    schedule,
    timeout: 500,
    jitter: 0,
    probe: async () => {
      ran.push(new Date(clock.now()).toISOString().slice(11, 19));
      return saw("ok");
    },
  });
  return ran;
}

describe("a cron schedule", () => {
  test("runs at the start, and then at its times", async () => {
    const parts = cronSetup("2026-05-01T12:01:20Z");
    const ran = register(parts, "a", { cron: "*/2 * * * *" });
    await parts.fake.advance(300_000);
    expect(ran).toEqual(["12:01:20", "12:02:00", "12:04:00", "12:06:00"]);
  });

  test("is read in its time zone", async () => {
    const parts = cronSetup("2026-05-01T12:01:20Z");
    const ran = register(parts, "a", { cron: "30 14 * * *", timezone: "Europe/Berlin" });
    await parts.fake.advance(3_600_000);
    expect(ran).toEqual(["12:01:20", "12:30:00"]);
  });

  test("a thousand of them all run within their minute, within the cap", async () => {
    const parts = cronSetup("2026-05-01T12:00:30Z");
    const { fake, clock, monitors, manager } = parts;
    let inside = 0;
    let most = 0;
    const ran: [id: number, minute: string][] = [];
    for (let i = 0; i < 1000; i++)
      monitors.register({
        id: `${i}`,
        subject: `thing/${i}`,
        schedule: { cron: "* * * * *" },
        timeout: 20_000,
        probe: async () => {
          most = Math.max(most, ++inside);
          await fake.sleep(500);
          inside -= 1;
          ran.push([i, new Date(clock.now()).toISOString().slice(14, 16)]);
          return saw("ok");
        },
      });
    // 62 rounds of half a second each: the first ones reach into 12:01, and stand for that minute where they do.
    await fake.advance(30_000 + 3 * 60_000 - 10);
    expect(most).toBe(16);
    expect(manager.stats()).toMatchObject({ running: 0, queued: 0 });
    for (const minute of ["02", "03"]) {
      const ids = ran.filter(([, when]) => when === minute).map(([id]) => id);
      expect(ids).toHaveLength(1000);
      expect(new Set(ids).size).toBe(1000);
    }
  });

  test("that comes a moment early by the wall clock waits for it, and runs once", async () => {
    const parts = cronSetup("2026-05-01T12:01:00Z");
    const { fake } = parts;
    const ran = register(parts, "a", { cron: "* * * * *" });
    await fake.advance(30_000);
    fake.setWall(fake.now() - 300);
    await fake.advance(60_000);
    expect(ran).toEqual(["12:01:00", "12:02:00"]);
  });
});

describe("the clock is set back", () => {
  test("cron goes on with the next time by the new clock: neither silent nor twice", async () => {
    const parts = cronSetup("2026-05-01T12:01:30Z");
    const { fake } = parts;
    const minutely = register(parts, "a", { cron: "* * * * *" });
    const daily = register(parts, "b", { cron: "30 11 * * *" });
    await fake.advance(60_000);
    fake.setWall("2026-05-01T11:20:10Z");
    await fake.advance(120_000);
    expect(minutely).toEqual(["12:01:30", "12:02:00", "11:21:00", "11:22:00"]);
    await fake.advance(600_000);
    expect(daily).toEqual(["12:01:30", "11:30:00"]);
  });

  test("intervals do not notice", async () => {
    const parts = cronSetup("2026-05-01T12:00:00Z");
    const { fake } = parts;
    const ran = register(parts, "a", { every: 60_000 });
    await fake.advance(90_000);
    fake.setWall("2026-04-01T00:00:00Z");
    await fake.advance(120_000);
    expect(ran).toHaveLength(4);
  });
});

describe("the clock is set forward, or the machine slept", () => {
  test("what a cron missed runs once, and then at its times again", async () => {
    const parts = cronSetup("2026-05-01T12:00:30Z");
    const { fake } = parts;
    const minutely = register(parts, "a", { cron: "* * * * *" });
    const daily = register(parts, "b", { cron: "0 3 * * *" });
    await fake.advance(60_000);
    fake.setWall("2026-05-02T08:15:20Z");
    await fake.advance(2000);
    expect(minutely).toEqual(["12:00:30", "12:01:00", "08:15:21"]);
    expect(daily).toEqual(["12:00:30", "08:15:21"]);
    await fake.advance(100_000);
    expect(minutely.slice(3)).toEqual(["08:16:00", "08:17:00"]);
    expect(daily).toHaveLength(2);
  });

  test("an interval that passed meanwhile runs once, and goes on from there", async () => {
    const parts = cronSetup("2026-05-01T12:00:00Z");
    const { fake } = parts;
    const hourly = register(parts, "a", { every: 3_600_000 });
    await fake.advance(600_000);
    fake.setWall("2026-05-01T20:10:00Z");
    await fake.advance(2000);
    expect(hourly).toHaveLength(2);
    await fake.advance(3_590_000);
    expect(hourly).toHaveLength(2);
    await fake.advance(10_000);
    expect(hourly).toHaveLength(3);
  });

  test("an interval that is still to come is left as it is", async () => {
    const parts = cronSetup("2026-05-01T12:00:00Z");
    const { fake } = parts;
    const hourly = register(parts, "a", { every: 3_600_000 });
    await fake.advance(60_000);
    fake.setWall("2026-05-01T12:21:00Z");
    await fake.advance(3_530_000);
    expect(hourly).toHaveLength(1);
    await fake.advance(20_000);
    expect(hourly).toHaveLength(2);
  });

  test("many that are overdue are spread, each at a moment of its own", async () => {
    let turn = 0;
    const parts = cronSetup("2026-05-01T12:00:30Z", () => (turn++ % 100) / 100);
    const { fake, monitors } = parts;
    const at: number[] = [];
    for (let i = 0; i < 100; i++)
      monitors.register({
        id: `${i}`,
        subject: `thing/${i}`,
        schedule: { cron: "0 3 * * *" },
        timeout: 500,
        probe: async () => {
          at.push(fake.monotonic());
          return saw("ok");
        },
      });
    await fake.advance(1000);
    at.length = 0;
    fake.setWall("2026-05-02T08:00:00Z");
    await fake.advance(5000);
    expect(at).toHaveLength(100);
    expect(Math.max(...at) - Math.min(...at)).toBeGreaterThan(900);
    expect(new Set(at).size).toBeGreaterThan(90);
  });

  test("a clock that is set again and again floods nobody", async () => {
    const parts = cronSetup("2026-05-01T12:00:30Z");
    const { fake } = parts;
    const minutely = register(parts, "a", { cron: "* * * * *" });
    const daily = register(parts, "b", { cron: "0 3 * * *" });
    for (let i = 0; i < 20; i++) {
      fake.setWall(i % 2 === 0 ? "2026-05-01T11:10:05Z" : "2026-05-01T11:40:05Z");
      await fake.advance(5000);
    }
    expect(minutely.length).toBeLessThanOrEqual(21);
    expect(daily).toHaveLength(1);
  });
});

test("a clock that jumps forward every second starves nobody", async () => {
  const parts = cronSetup("2026-05-01T12:00:30Z", () => 0.9);
  const { fake } = parts;
  const daily = register(parts, "a", { cron: "0 3 * * *" });
  for (let i = 0; i < 20; i++) {
    fake.setWall(fake.now() + 86_400_000);
    await fake.advance(700);
  }
  expect(daily.length).toBeGreaterThan(5);
  expect(daily.length).toBeLessThanOrEqual(21);
});

describe("lifeguard itself stood still", () => {
  test("an overdue interval runs once, nothing is made up for, and the next is no sooner than half an interval", async () => {
    const { fake, clock, monitors } = setup();
    const at: number[] = [];
    monitors.register({
      id: "a",
      subject: "thing/a",
      schedule: { every: 10_000 },
      timeout: 500,
      jitter: 0,
      probe: async () => {
        at.push(clock.monotonic());
        return saw("ok");
      },
    });
    await fake.advance(15_000);
    clock.stall(34_000);
    await fake.advance(60_000);
    // On its grid at 0 and 10,000; then still until 49,000.
    const [, , overdue, next] = at as [number, number, number, number];
    expect(overdue).toBeGreaterThanOrEqual(49_000);
    expect(overdue).toBeLessThan(50_300);
    expect(next).toBe(60_000);
    expect(at.slice(3).every((time) => time % 10_000 === 0)).toBe(true);
  });

  test("a thousand that are overdue do not all run in the same instant", async () => {
    let turn = 0;
    const { fake, clock, monitors } = setup({ random: () => (turn++ % 1000) / 1000 });
    const at: number[] = [];
    for (let i = 0; i < 1000; i++)
      monitors.register({
        id: `${i}`,
        subject: `thing/${i}`,
        schedule: { every: 60_000 },
        timeout: 500,
        probe: async () => {
          at.push(clock.monotonic());
          return saw("ok");
        },
      });
    await fake.advance(2000);
    at.length = 0;
    clock.stall(3_600_000);
    await fake.advance(3000);
    expect(at).toHaveLength(1000);
    const perTick = new Map<number, number>();
    for (const time of at) perTick.set(time, (perTick.get(time) ?? 0) + 1);
    expect(Math.max(...perTick.values())).toBeLessThan(60);
  });
});
