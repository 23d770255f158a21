import cron from "node-cron";
import { afterEach, describe, expect, test, vi } from "vitest";
import { CronCache, CronTimes, upcoming } from "../../../../src/core/monitors/schedule.ts";
import { FakeClock } from "../../../../src/testkit/fake-clock.ts";

afterEach(() => {
  vi.useRealTimers();
});

/** Sets `Date`, which node-cron computes from. Returns that time. */
function wall(time: string): number {
  vi.useFakeTimers({ toFake: ["Date"], now: new Date(time) });
  return Date.parse(time);
}

function next(expression: string, timezone: string, from: string): string {
  return new Date(new CronTimes(expression, timezone).next(wall(from))).toISOString();
}

describe("the next time", () => {
  test("is after now, in the time zone", () => {
    expect(next("30 4 * * *", "Asia/Tokyo", "2026-05-01T12:00:00Z")).toBe("2026-05-01T19:30:00.000Z");
    expect(next("30 4 * * *", "UTC", "2026-05-01T04:30:00Z")).toBe("2026-05-02T04:30:00.000Z");
    expect(next("*/15 9-17 * * mon-fri", "UTC", "2026-05-01T17:50:00Z")).toBe("2026-05-04T09:00:00.000Z");
    expect(next("0 0 1 jan *", "UTC", "2026-05-01T00:00:00Z")).toBe("2027-01-01T00:00:00.000Z");
    expect(next("0 0 29 2 *", "UTC", "2026-05-01T00:00:00Z")).toBe("2028-02-29T00:00:00.000Z");
  });

  test.each(["UTC", "Europe/Berlin", "Asia/Kolkata", "Asia/Kathmandu"])(
    "of every minute, found without node-cron, is what node-cron finds in %s",
    (timezone) => {
      const short = new CronTimes("* * * * *", timezone);
      const long = new CronTimes("*/1 * * * *", timezone);
      for (const time of [
        "2026-05-01T12:00:00.000Z",
        "2026-05-01T12:00:59.999Z",
        "2026-03-29T00:59:30Z",
        "2026-10-25T00:30:01Z",
        "2026-12-31T23:59:00Z",
      ]) {
        const now = wall(time);
        expect(short.next(now)).toBe(long.next(now));
        expect(short.distance(now)).toBe(60_000);
        expect(short.upcoming(now, 3)[0]).toEqual(long.upcoming(now, 3)[0]);
      }
      const now = wall("2026-05-01T12:00:30Z");
      expect(short.upcoming(now, 3)).toEqual(long.upcoming(now, 3));
    },
  );

  test("is computed once for as long as it is to come, and anew when the clock was set", () => {
    const times = new CronTimes("*/5 * * * *", "UTC");
    const at = (time: string) => new Date(times.next(wall(time))).toISOString();
    expect(at("2026-05-01T12:01:00Z")).toBe("2026-05-01T12:05:00.000Z");
    // A wrong `Date` shows that nothing was computed.
    vi.setSystemTime(0);
    expect(times.next(Date.parse("2026-05-01T12:04:59Z"))).toBe(Date.parse("2026-05-01T12:05:00Z"));
    expect(at("2026-05-01T12:05:00Z")).toBe("2026-05-01T12:10:00.000Z");
    expect(at("2026-05-01T11:00:00Z")).toBe("2026-05-01T11:05:00.000Z");
    expect(at("2026-05-03T08:00:00Z")).toBe("2026-05-03T08:05:00.000Z");
  });
});

describe("summer time", () => {
  test("ends: what runs every hour runs through the hour that comes twice", () => {
    const times = new CronTimes("*/20 * * * *", "Europe/Berlin");
    const seen: string[] = [];
    let now = wall("2026-10-24T23:50:00Z");
    for (let i = 0; i < 8; i++) {
      now = times.next(now);
      vi.setSystemTime(now);
      seen.push(new Date(now).toISOString().slice(11, 16));
    }
    expect(seen).toEqual(["00:00", "00:20", "00:40", "01:00", "01:20", "01:40", "02:00", "02:20"]);
  });

  test("ends: what names its hour runs once", () => {
    const times = new CronTimes("30 2 * * *", "Europe/Berlin");
    const first = times.next(wall("2026-10-24T12:00:00Z"));
    vi.setSystemTime(first);
    const second = times.next(first);
    expect(new Date(first).toISOString().slice(0, 10)).toBe("2026-10-25");
    expect(new Date(second).toISOString()).toBe("2026-10-26T01:30:00.000Z");
  });

  test("begins: every minute goes on", () => {
    expect(next("* * * * *", "Europe/Berlin", "2026-03-29T00:59:30Z")).toBe("2026-03-29T01:00:00.000Z");
  });
});

test("the distance between two times is what an interval is to other schedules", () => {
  const now = wall("2026-05-01T12:01:00Z");
  expect(new CronTimes("*/5 * * * *", "UTC").distance(now)).toBe(300_000);
  expect(new CronTimes("0 3 * * *", "UTC").distance(now)).toBe(86_400_000);
});

describe("what is refused", () => {
  test.each([
    ["* * * * * *", "five cron fields"],
    ["@hourly", "@hourly"],
    ["61 * * * *", "61 * * * *"],
    ["sometimes", "five cron fields"],
    ["", "found 0"],
    ["0 0 31 2 *", "0 0 31 2 *"],
    ["0 0 L-30 2 *", "never comes"],
  ])("%s", (expression, said) => {
    expect(() => new CronTimes(expression)).toThrow(
      expect.objectContaining({ code: "SCHEDULE_INVALID", message: expect.stringContaining(said) }),
    );
  });

  test("a time zone that nobody knows", () => {
    expect(() => new CronTimes("* * * * *", "Mars/Olympus")).toThrow(
      expect.objectContaining({
        code: "SCHEDULE_INVALID",
        message: expect.stringContaining("Mars/Olympus"),
      }),
    );
  });
});

test("equal expressions share their times", () => {
  const cache = new CronCache();
  expect(cache.times("* * * * *")).toBe(cache.times("* * * * *"));
  expect(cache.times("* * * * *", "UTC")).not.toBe(cache.times("* * * * *"));
});

test("the cache is bounded", () => {
  const cache = new CronCache();
  const first = cache.times("0 0 * * *", "UTC");
  for (let i = 0; i < 1000; i++) cache.times(`${i % 60} ${Math.floor(i / 60)} * * *`, "Europe/Berlin");
  expect(cache.times("0 0 * * *", "UTC")).not.toBe(first);
});

test("nothing stays behind in node-cron", () => {
  new CronTimes("*/5 * * * *", "UTC").upcoming(Date.now(), 3);
  expect(cron.getTasks().size).toBe(0);
});

test("the next runs, for people", () => {
  const clock = new FakeClock("2026-05-01T12:00:10Z");
  wall("2026-05-01T12:00:10Z");
  const times = (dates: Date[]) => dates.map((date) => date.toISOString().slice(11, 19));
  expect(times(upcoming({ cron: "*/10 * * * *", timezone: "UTC" }, 3, clock))).toEqual([
    "12:10:00",
    "12:20:00",
    "12:30:00",
  ]);
  expect(times(upcoming({ every: 30_000 }, 3, clock))).toEqual(["12:00:40", "12:01:10", "12:01:40"]);
});
