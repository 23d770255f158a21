import { expect, test } from "vitest";
import { windowTimes } from "../../../../src/core/silences/windows.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

function scheduled(schedule: string, length: number, timezone = "Europe/Berlin") {
  return windowTimes({ when: { schedule, timezone, for: length } });
}

/** When it is in force, looked at each minute, as `HH:MM-HH:MM` UTC. */
function inForce(times: ReturnType<typeof windowTimes>, from: string, to: string): string[] {
  const spans: string[] = [];
  let began: number | undefined;
  for (let now = Date.parse(from); now <= Date.parse(to); now += MINUTE) {
    const inside = times.at(now) !== undefined;
    if (inside) began ??= now;
    else if (began !== undefined) {
      spans.push(`${clock(began)}-${clock(now)}`);
      began = undefined;
    }
  }
  return spans;
}

const clock = (time: number) => new Date(time).toISOString().slice(11, 16);

/** The same for one that is asked for the first time at each minute, as after a restart. */
function asked(make: () => ReturnType<typeof windowTimes>, from: string, to: string): string[] {
  return inForce({ at: (now) => make().at(now) }, from, to);
}

test("where the clocks are set forward, what would begin in the hour left out begins all the same", () => {
  const make = () => scheduled("30 2 * * *", HOUR);
  const night = ["2026-03-28T20:00:00Z", "2026-03-29T08:00:00Z"] as const;
  expect(inForce(make(), ...night)).toEqual(["01:30-02:30"]);
  expect(asked(make, ...night)).toEqual(["01:30-02:30"]);
  // The day before and the day after as on any other day.
  expect(inForce(make(), "2026-03-27T20:00:00Z", "2026-03-28T08:00:00Z")).toEqual(["01:30-02:30"]);
  expect(inForce(make(), "2026-03-29T20:00:00Z", "2026-03-30T08:00:00Z")).toEqual(["00:30-01:30"]);
  expect(inForce(scheduled("30 3 * * *", HOUR), ...night)).toEqual(["01:30-02:30"]);
  // Half an hour is left out here, at 15:30 UTC: 02:15 comes as 02:45, while 02:45 is there.
  const island = (minute: number) => scheduled(`${minute} 2 * * *`, 5 * MINUTE, "Australia/Lord_Howe");
  const spring = ["2026-10-03T12:00:00Z", "2026-10-03T20:00:00Z"] as const;
  expect(inForce(island(15), ...spring)).toEqual(["15:45-15:50"]);
  expect(inForce(island(45), ...spring)).toEqual(["15:45-15:50"]);
});

test("where the clocks are set back, what begins in the hour that comes twice begins twice", () => {
  const night = ["2026-10-24T20:00:00Z", "2026-10-25T08:00:00Z"] as const;
  const short = () => scheduled("30 2 * * *", 10 * MINUTE);
  expect(inForce(short(), ...night)).toEqual(["00:30-00:40", "01:30-01:40"]);
  expect(asked(short, ...night)).toEqual(["00:30-00:40", "01:30-01:40"]);
  expect(inForce(scheduled("30 2 * * *", HOUR), ...night)).toEqual(["00:30-02:30"]);
});

test("overlapping times are one span that begins with the first and ends with the last", () => {
  const times = scheduled("*/30 12,13 * * *", 45 * MINUTE, "UTC");
  expect(inForce(times, "2026-05-01T00:00:00Z", "2026-05-02T00:00:00Z")).toEqual(["12:00-14:15"]);
});

test("a clock that is set back, or far ahead, is believed", () => {
  const times = scheduled("0 12 * * *", HOUR, "UTC");
  expect(times.at(Date.parse("2026-05-01T12:30:00Z"))).toBeDefined();
  expect(times.at(Date.parse("2026-05-01T11:30:00Z"))).toBeUndefined();
  expect(times.at(Date.parse("2026-05-01T12:00:00Z"))).toBeDefined();
  expect(times.at(Date.parse("2026-09-01T12:59:59Z"))).toBeDefined();
  expect(times.at(Date.parse("2026-09-01T13:00:00Z"))).toBeUndefined();
});
