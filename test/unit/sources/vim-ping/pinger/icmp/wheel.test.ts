import { describe, expect, it } from "vitest";
import { SLOT, Wheel } from "../../../../../../src/sources/vim-ping/pinger/icmp/wheel.ts";
import { fc } from "../../../../../support/property.ts";

describe("the timer wheel", () => {
  it("lets each timer go off once, not before its time and within a slot after it, in any order of setting and clearing", () => {
    const timer = fc.record({ at: fc.integer({ min: 0, max: 60_000 }), cleared: fc.boolean() });
    fc.assert(
      fc.property(
        fc.array(timer, { minLength: 1, maxLength: 50 }),
        fc.integer({ min: 1, max: 30_000 }),
        (timers, step) => {
          const wheel = new Wheel(0);
          wheel.reserve(timers.length);
          for (const [index, { at }] of timers.entries()) wheel.set(index, at);
          for (const [index, { cleared }] of timers.entries()) if (cleared) wheel.clear(index);
          const wentOff = new Map<number, number>();
          for (let now = 0; now <= 70_000; now += step) {
            const due: number[] = [];
            wheel.expire(now, due);
            for (const index of due) {
              expect(wentOff.has(index)).toBe(false);
              wentOff.set(index, now);
            }
          }
          timers.forEach(({ at, cleared }, index) => {
            const time = wentOff.get(index);
            if (cleared) expect(time).toBeUndefined();
            else if (at + SLOT + step <= 70_000) {
              expect(time).toBeGreaterThanOrEqual(at);
              expect(time).toBeLessThan(at + step + 2 * SLOT);
            }
          });
        },
      ),
    );
  });

  it("says when to look next, and waits for company when told to", () => {
    const wheel = new Wheel(0);
    wheel.reserve(2);
    expect(wheel.next(50)).toBe(50);
    wheel.set(0, 12);
    expect(wheel.next(50)).toBe(15);
    expect(wheel.next(50, 4)).toBe(20);
    expect(wheel.next(SLOT)).toBe(SLOT);
    wheel.set(0, 1000);
    expect(wheel.next(50)).toBe(50);
  });
});
