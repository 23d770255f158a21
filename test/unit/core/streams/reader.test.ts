import { describe, expect, it } from "vitest";
import { Reader } from "../../../../src/core/streams/reader.ts";
import { streamHarness } from "./harness.ts";

const life = new AbortController().signal;
const MIB = 2 ** 20;

describe("a reader", () => {
  it("reads forward and waits at the head", async () => {
    const { published, emit } = streamHarness();
    const reader = new Reader({ published, after: 0 });
    emit({}, {});
    expect(await reader.next(10, MIB, life)).toMatchObject({ from: 0, to: 2, passedOver: 0, pruned: 0 });
    const waiting = reader.next(10, MIB, life);
    emit({ message: "later" });
    const read = await waiting;
    expect(read.envelopes.map(({ seq, event }) => [seq, event.message])).toEqual([[3, "later"]]);
  });

  it("passes over what does not match, and says how many", async () => {
    const { published, emit, emitMany } = streamHarness();
    const reader = new Reader({ published, after: 0, filter: { sources: ["vims"] } });
    emitMany(2500);
    emit({ source: "vims" }, {}, { source: "vims" });
    const first = await reader.next(1, MIB, life);
    expect(first).toMatchObject({ from: 0, to: 2501, passedOver: 2500, pruned: 0 });
    const second = await reader.next(10, MIB, life);
    expect(second).toMatchObject({ from: 2501, to: 2503, passedOver: 1 });
    expect(second.envelopes.map(({ seq }) => seq)).toEqual([2503]);
  });

  it("that is slow falls back to the journal and misses nothing", async () => {
    const { published, emitMany, reads } = streamHarness({ ring: 50 });
    const reader = new Reader({ published, after: 0 });
    const seen: number[] = [];
    let emitted = 0;
    while (seen.length < 1000) {
      if (emitted < 1000) {
        emitMany(100);
        emitted += 100;
      }
      const { envelopes, from, to } = await reader.next(30, MIB, life);
      expect([from, to]).toEqual([seen.length, seen.length + envelopes.length]);
      seen.push(...envelopes.map(({ seq }) => seq));
    }
    expect(seen).toEqual(Array.from({ length: 1000 }, (_, i) => i + 1));
    expect(reads.journal).toBeGreaterThan(0);
  });

  it("that keeps up never touches the journal", async () => {
    const { published, emitMany, reads } = streamHarness({ ring: 50 });
    const reader = new Reader({ published, after: 0 });
    for (let i = 0; i < 20; i++) {
      emitMany(40);
      expect((await reader.next(100, MIB, life)).envelopes).toHaveLength(40);
    }
    expect(reads.journal).toBe(0);
  });

  it("does not see what is committed but not published", async () => {
    const { published, journal, emit, bus } = streamHarness({ ring: 1 });
    const reader = new Reader({ published, after: 0 });
    emit({}, {});
    const held = { ...(journal.envelopes[1] as (typeof journal.envelopes)[number]), seq: 3 };
    void journal.append({ events: [held] });
    expect((await reader.next(10, MIB, life)).envelopes.map(({ seq }) => seq)).toEqual([1, 2]);
    bus.publish([held]);
    expect((await reader.next(10, MIB, life)).to).toBe(3);
  });

  it("says how many were pruned before it read them, and goes on behind them", async () => {
    const { published, journal, emitMany } = streamHarness({ ring: 5 });
    const reader = new Reader({ published, after: 0 });
    emitMany(20);
    journal.prune(11);
    expect(await reader.next(10, MIB, life)).toEqual({
      envelopes: [],
      from: 0,
      to: 10,
      passedOver: 0,
      pruned: 10,
    });
    expect((await reader.next(100, MIB, life)).envelopes.map(({ seq }) => seq)).toEqual(
      Array.from({ length: 10 }, (_, i) => i + 11),
    );
  });

  it("notices that everything was pruned", async () => {
    const { published, journal, emitMany } = streamHarness({ ring: 5 });
    const reader = new Reader({ published, after: 0 });
    emitMany(20);
    journal.prune(21);
    expect(await reader.next(10, MIB, life)).toMatchObject({ envelopes: [], to: 20, pruned: 20 });
  });

  it("stops waiting when its signal aborts, and leaves nothing behind", async () => {
    const { published, emit } = streamHarness();
    const reader = new Reader({ published, after: 0 });
    const stop = new AbortController();
    const waiting = reader.next(10, MIB, stop.signal);
    stop.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    emit({});
    expect((await reader.next(10, MIB, life)).to).toBe(1);
  });

  it("wakes once for a group, whatever its size", async () => {
    const { published, emitMany } = streamHarness();
    const reader = new Reader({ published, after: 0 });
    const waiting = reader.next(1000, MIB, life);
    emitMany(300);
    expect((await waiting).envelopes).toHaveLength(300);
  });
});
