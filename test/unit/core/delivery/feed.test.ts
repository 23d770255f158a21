import { expect, test } from "vitest";
import { Feed } from "../../../../src/core/delivery/feed.ts";
import { envelope } from "./rig.ts";

/** A source whose journal has pruned up to `oldest`, of events 1 to `head`, while the ring still has those from `ring` on. */
function source(range: { oldest: number; head: number; ring?: number }) {
  return {
    ...range,
    read: (after: number) =>
      Array.from({ length: range.head }, (_, i) => envelope(i + 1)).filter(
        ({ seq }) => seq > after && seq >= (range.ring ?? range.oldest),
      ),
    wait: async () => {},
  };
}

test("hands out what there is, in order, and then nothing", () => {
  const feed = new Feed(source({ oldest: 1, head: 3 }), 1);
  const seen: (number | undefined)[] = [];
  for (let i = 0; i < 2; i++) {
    seen.push(feed.peek()?.seq);
    feed.take();
  }
  expect(seen).toEqual([2, 3]);
  expect(feed.peek()).toBeUndefined();
  expect(feed.takeLost()).toBe(0);
});

test("counts what was pruned before it was read, once", () => {
  const feed = new Feed(source({ oldest: 8, head: 9 }), 2);
  expect(feed.prunedAhead()).toBe(5);
  expect(feed.peek()?.seq).toBe(8);
  expect(feed.takeLost()).toBe(5);
  expect(feed.takeLost()).toBe(0);
  expect(feed.position).toBe(7);
  expect(feed.prunedAhead()).toBe(0);
});

test("what is committed but not published yet is not lost, however quick retention is", () => {
  const feed = new Feed(source({ oldest: 20, head: 5 }), 5);
  expect(feed.peek()).toBeUndefined();
  expect(feed.takeLost()).toBe(0);
  expect(feed.position).toBe(5);
});
