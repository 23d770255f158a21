import { describe, expect, test } from "vitest";
import { Tally } from "../../../../src/sources/vim-ping/tally.ts";
import { fc } from "../../../support/property.ts";

describe("a tally", () => {
  test("sums up times and loss", () => {
    const tally = new Tally();
    for (let time = 1; time <= 99; time++) tally.add(1, [time]);
    tally.add(1, []);
    const { rtt_min, rtt_avg, rtt_p95, rtt_max, loss } = tally.measures();
    expect([rtt_min?.value, rtt_avg?.value, rtt_max?.value, loss?.value]).toEqual([1, 50, 99, 1]);
    expect(Math.abs((rtt_p95?.value ?? 0) - 95)).toBeLessThan(95 * 0.05);
  });

  test("without an answer knows the loss alone", () => {
    const tally = new Tally();
    tally.add(3, []);
    expect(tally.measures()).toEqual({ loss: { value: 100, unit: "%", min: 0, max: 100 } });
  });

  test("begins anew", () => {
    const tally = new Tally();
    tally.add(1, [5]);
    tally.clear();
    tally.add(1, [1]);
    expect(tally.measures()).toMatchObject({
      rtt_min: { value: 1 },
      rtt_p95: { value: 1 },
      rtt_max: { value: 1 },
    });
  });

  test("is within a twentieth of the true percentile", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0.01, max: 5000, noNaN: true }), { minLength: 1 }), (times) => {
        const tally = new Tally();
        tally.add(times.length, times);
        const exact = times.toSorted((a, b) => a - b)[Math.ceil(0.95 * times.length) - 1] as number;
        const { rtt_p95, rtt_max } = tally.measures();
        expect(Math.abs((rtt_p95?.value ?? 0) - exact)).toBeLessThanOrEqual(exact * 0.05 + 0.001);
        expect(rtt_p95?.value).toBeLessThanOrEqual(rtt_max?.value ?? 0);
      }),
    );
  });
});
