import { describe, expect, test } from "vitest";
import { backoffDelay } from "../../../src/core/backoff.ts";
import { fc } from "../../support/property.ts";

describe("back-off", () => {
  const almostOne = () => 1 - Number.EPSILON;

  test("the ceiling doubles and stops at the cap", () => {
    const ceilings = [0, 1, 2, 3, 4, 5].map((failures) =>
      backoffDelay(failures, { initial: 1000, max: 10_000 }, almostOne),
    );
    expect(ceilings).toEqual([999, 1999, 3999, 7999, 9999, 9999]);
  });

  test("full jitter reaches down to nothing", () => {
    expect(backoffDelay(5, { initial: 1000, max: 10_000 }, () => 0)).toBe(0);
  });

  test("any number of failures gives a finite delay within the cap", () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(60_000), fc.nat(600_000), (failures, initial, max) => {
        const delay = backoffDelay(failures, { initial, max });
        expect(delay).toBeGreaterThanOrEqual(0);
        expect(delay).toBeLessThanOrEqual(max);
      }),
    );
  });
});
