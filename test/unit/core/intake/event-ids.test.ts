import { expect, test } from "vitest";
import { EventIds } from "../../../../src/core/intake/event-ids.ts";

const VERSION_7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const NOW = Date.parse("2026-01-01T00:00:00.000Z");
const time = (id: string) => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);

test("ids are UUIDs of version 7 with the time in front", () => {
  const ids = new EventIds();
  for (let ms = NOW; ms < NOW + 1000; ms++) {
    const id = ids.next(ms);
    expect(id).toMatch(VERSION_7);
    expect(time(id)).toBe(ms);
  }
});

test("ids of a flood differ and sort as they were made, also while the clock stands still or goes back", () => {
  const ids = new EventIds();
  const made = Array.from({ length: 20_000 }, (_, index) => ids.next(index < 15_000 ? NOW : NOW - 3_600_000));
  expect(new Set(made).size).toBe(made.length);
  expect(made.toSorted()).toEqual(made);
  expect(time(made.at(-1) as string) - NOW).toBeLessThan(10);
});

test("two makers do not make the same ids in the same milliseconds", () => {
  const one = new EventIds();
  const other = new EventIds();
  const made = Array.from({ length: 1000 }, () => [one.next(NOW), other.next(NOW)]).flat();
  expect(new Set(made).size).toBe(2000);
});
