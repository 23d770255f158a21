import { describe, expect, it } from "vitest";
import { Recent } from "../../../../src/core/recent.ts";
import { fc } from "../../../support/property.ts";
import { envelope } from "../intake/envelopes.ts";

const seqs = (envelopes: readonly { seq: number }[] | null) => envelopes?.map(({ seq }) => seq);
const everything = () => true;

describe("the ring", () => {
  it("gives what comes after a position, in order, as much as was asked for", () => {
    const ring = new Recent({ capacity: 10, head: 4 });
    expect([ring.head, ring.oldest, ring.read(4, 10)]).toEqual([4, 5, []]);
    ring.push([5, 6, 7].map((seq) => envelope(seq)));
    expect(seqs(ring.read(4, 10))).toEqual([5, 6, 7]);
    expect(seqs(ring.read(5, 1))).toEqual([6]);
    expect(seqs(ring.read(7, 10))).toEqual([]);
    expect(ring.read(3, 10)).toBeNull();
    expect(seqs(ring.newest(2, everything))).toEqual([7, 6]);
    expect(seqs(ring.newest(9, ({ seq }) => seq !== 6))).toEqual([7, 5]);
  });

  it("is bounded by count", () => {
    const ring = new Recent({ capacity: 3, head: 0 });
    for (let seq = 1; seq <= 8; seq++) ring.push([envelope(seq)]);
    expect([ring.oldest, ring.head]).toEqual([6, 8]);
    expect(ring.read(4, 10)).toBeNull();
    expect(seqs(ring.read(5, 10))).toEqual([6, 7, 8]);
  });

  it("is bounded by bytes, but keeps the newest whatever its size", () => {
    const ring = new Recent({ capacity: 100, maxBytes: 10_000, head: 0 });
    for (let seq = 1; seq <= 20; seq++) ring.push([envelope(seq, { data: "x".repeat(1000) })]);
    expect(ring.bytes).toBeLessThanOrEqual(10_000);
    expect(ring.oldest).toBeGreaterThan(10);
    ring.push([envelope(21, { data: { big: ["x".repeat(50_000)] } })]);
    expect([ring.oldest, ring.head]).toEqual([21, 21]);
  });

  it("gives no more than about as many bytes as were asked for, but at least one", () => {
    const ring = new Recent({ capacity: 100, head: 0 });
    for (let seq = 1; seq <= 20; seq++) ring.push([envelope(seq, { data: "x".repeat(1000) })]);
    expect(seqs(ring.read(0, 20, 5000))).toEqual([1, 2, 3]);
    expect(seqs(ring.read(0, 20, 1))).toEqual([1]);
  });

  it("begins anew where the seqs are not consecutive, and never mixes them up", () => {
    const ring = new Recent({ capacity: 4, head: 0 });
    ring.push([envelope(1), envelope(2), envelope(9), envelope(10)]);
    expect([ring.oldest, ring.head]).toEqual([9, 10]);
    expect(seqs(ring.read(8, 10))).toEqual([9, 10]);
    expect(ring.read(1, 10)).toBeNull();
  });

  it("agrees with a plain list", () => {
    const groups = fc.array(fc.integer({ min: 1, max: 7 }), { maxLength: 30 });
    fc.assert(
      fc.property(
        groups,
        fc.integer({ min: 1, max: 9 }),
        fc.nat(120),
        fc.nat(10),
        (sizes, capacity, after, limit) => {
          const ring = new Recent({ capacity, head: 0 });
          let head = 0;
          for (const size of sizes) ring.push(Array.from({ length: size }, () => envelope(++head)));
          const all = Array.from({ length: head }, (_, i) => i + 1);
          const held = all.slice(-capacity);
          const expected =
            after + 1 < head - held.length + 1
              ? undefined
              : held.filter((seq) => seq > after).slice(0, limit);
          expect(seqs(ring.read(after, limit))).toEqual(expected);
        },
      ),
    );
  });
});
