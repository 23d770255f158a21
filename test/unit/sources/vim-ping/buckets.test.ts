import { expect, test } from "vitest";
import { Buckets } from "../../../../src/sources/vim-ping/buckets.ts";
import { fc } from "../../../support/property.ts";

test("the n-th smallest is found, whatever the order of what was counted", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(231), { minLength: 1 }), fc.nat(300), (numbers, rank) => {
      const buckets = new Buckets();
      for (const number of numbers) buckets.count(number);
      expect(buckets.at(rank + 1)).toBe(numbers.toSorted((a, b) => a - b)[rank]);
    }),
  );
});

test("cleared, nothing is left of what was counted", () => {
  const buckets = new Buckets();
  buckets.count(7);
  buckets.clear();
  expect(buckets.at(1)).toBeUndefined();
  buckets.count(3);
  expect([buckets.at(1), buckets.at(2)]).toEqual([3, undefined]);
});
