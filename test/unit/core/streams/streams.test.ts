import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { formatToken, parseToken } from "../../../../src/core/streams/token.ts";
import { currentPosition } from "../../../../src/core/streams.ts";
import type { StreamItem } from "../../../../src/plugin/index.ts";
import { streamHarness } from "./harness.ts";

const EPOCH = "3f2c-epoch";

async function take(stream: AsyncIterator<StreamItem>, count: number): Promise<StreamItem[]> {
  const items: StreamItem[] = [];
  while (items.length < count) {
    const next = await stream.next();
    if (next.done) break;
    items.push(next.value);
  }
  return items;
}

const brief = (item: StreamItem | undefined) => {
  if (item?.kind === "events") return [item.events.map(({ seq }) => seq), item.token];
  if (item?.kind === "snapshot") return [item.subjects.map(({ subject }) => subject), item.token];
  return item?.reason;
};

describe("a stream", () => {
  it("without a position begins when it is opened, not when it is first read", async () => {
    const { open, emit } = streamHarness();
    emit({}, {});
    const stream = open();
    emit({});
    emit({}, {});
    expect((await take(stream, 1)).map(brief)).toEqual([[[3, 4, 5], `${EPOCH}-5`]]);
  });

  it("resumes after its token, and its tokens pass what did not match", async () => {
    const { open, emit } = streamHarness();
    emit({}, { source: "vims" }, {}, {});
    const first = await take(open({ after: `${EPOCH}-0`, filter: { sources: ["vims"] } }), 1);
    expect(first.map(brief)).toEqual([[[2], `${EPOCH}-4`]]);
    const again = open({ after: `${EPOCH}-1` });
    expect((await take(again, 1)).map(brief)).toEqual([[[2, 3, 4], `${EPOCH}-4`]]);
    const next = take(again, 1);
    emit({});
    expect((await next).map(brief)).toEqual([[[5], `${EPOCH}-5`]]);
  });

  it("gives no more events at once than were asked for", async () => {
    const { open, emitMany } = streamHarness();
    emitMany(5);
    const items = await take(open({ after: `${EPOCH}-0`, max: 2 }), 3);
    expect(items.map(brief)).toEqual([
      [[1, 2], `${EPOCH}-2`],
      [[3, 4], `${EPOCH}-4`],
      [[5], `${EPOCH}-5`],
    ]);
  });

  it.each([
    ["another journal", "other-epoch-3", /another journal/],
    ["beyond the end", `${EPOCH}-99`, /beyond the end/],
    ["no position at all", "nonsense", /not one of lifeguard/],
    ["a pruned position", `${EPOCH}-3`, /6 events after the position were pruned/],
  ])("with a token of %s says so, gives a snapshot, and goes on behind it", async (_name, after, reason) => {
    const { open, emit, emitMany, journal } = streamHarness({ ring: 5 });
    emit({ subject: "promise/b" }, { subject: "promise/a" });
    emitMany(10, { subject: "promise/c" });
    journal.prune(10);
    const stream = open({ after });
    const [gap, snapshot] = await take(stream, 2);
    expect(brief(gap)).toMatch(reason);
    expect(brief(snapshot)).toEqual([["promise/a", "promise/b", "promise/c"], `${EPOCH}-12`]);
    emit({});
    expect((await take(stream, 1)).map(brief)).toEqual([[[13], `${EPOCH}-13`]]);
  });

  it("accepts the position just before the oldest event", async () => {
    const { open, emitMany, journal } = streamHarness({ ring: 2 });
    emitMany(10);
    journal.prune(6);
    expect((await take(open({ after: `${EPOCH}-5` }), 1)).map(brief)).toEqual([
      [[6, 7, 8, 9, 10], `${EPOCH}-10`],
    ]);
  });

  it("that falls behind what is kept gets a gap and a snapshot, not silence", async () => {
    const { open, emitMany, journal } = streamHarness({ ring: 2 });
    const stream = open({ max: 3 });
    emitMany(3);
    expect((await take(stream, 1)).map(brief)).toEqual([[[1, 2, 3], `${EPOCH}-3`]]);
    emitMany(20);
    journal.prune(21);
    const [gap, snapshot] = await take(stream, 2);
    expect(brief(gap)).toMatch(/17 events were pruned/);
    expect(snapshot).toMatchObject({ kind: "snapshot", token: `${EPOCH}-23` });
    emitMany(1);
    expect((await take(stream, 1)).map(brief)).toEqual([[[24], `${EPOCH}-24`]]);
  });

  it("limits a snapshot to the subjects it follows, whatever their status", async () => {
    const { open, emit } = streamHarness();
    emit({ subject: "promise/a", status: "ok" }, { subject: "vim/1", source: "vims", labels: { site: "x" } });
    const snapshotOf = async (filter: object) =>
      brief((await take(open({ after: "old-1", filter }), 2))[1])?.[0];
    expect(await snapshotOf({ subjects: ["promise/*"], status: ["critical"], on: "change" })).toEqual([
      "promise/a",
    ]);
    expect(await snapshotOf({ sources: ["vims"], types: ["vim.*"] })).toEqual(["vim/1"]);
    expect(await snapshotOf({ labels: { site: ["x"] } })).toEqual(["vim/1"]);
  });

  it("that is slow holds back nobody and costs no queue; a hundred readers see everything", async () => {
    const { open, emitMany } = streamHarness({ ring: 64 });
    const streams = Array.from({ length: 100 }, () => open({ max: 50 }));
    const slow = open({ max: 7 });
    const counts = streams.map(() => 0);
    for (let round = 0; round < 5; round++) {
      emitMany(40);
      for (const [i, stream] of streams.entries()) {
        const [item] = await take(stream, 1);
        counts[i] = (counts[i] ?? 0) + (item?.kind === "events" ? item.events.length : 0);
      }
    }
    expect(new Set(counts)).toEqual(new Set([200]));
    const seen: number[] = [];
    while (seen.length < 200)
      for (const item of await take(slow, 1))
        if (item.kind === "events") seen.push(...item.events.map(({ seq }) => seq));
    expect(seen).toEqual(Array.from({ length: 200 }, (_, i) => i + 1));
  });

  it("ends when its component ends, when its own signal aborts, and when it is returned while it waits", async () => {
    const { open, life } = streamHarness();
    const own = new AbortController();
    const ofSignal = open({ signal: own.signal });
    const returned = open();
    const ofComponent = open();
    const waiting = [ofSignal.next(), returned.next(), ofComponent.next()];
    own.abort();
    await returned.return?.();
    life.abort();
    for (const next of await Promise.all(waiting)) expect(next.done).toBe(true);
    for (const stream of [ofSignal, returned, ofComponent]) expect((await stream.next()).done).toBe(true);
    expect((await open().next()).done).toBe(true);
  });

  it("leaves no listener behind, however it ends", async () => {
    const { open, emit, life, journal, reads } = streamHarness({ ring: 1 });
    const listeners = () => getEventListeners(life.signal, "abort").length;
    const own = new AbortController();
    const ended = open({ signal: own.signal });
    const waiting = ended.next();
    await open().return?.();
    expect(listeners()).toBe(1);
    own.abort();
    await waiting;
    expect(listeners()).toBe(0);
    emit({}, {}, {});
    journal.read = () => {
      throw new Error("disk on fire");
    };
    const failing = open({ after: `${EPOCH}-0` });
    await expect(failing.next()).rejects.toThrow("disk on fire");
    expect(reads.journal).toBe(1);
    expect((await failing.next()).done).toBe(true);
    expect(listeners()).toBe(0);
  });

  it("can be iterated and broken out of", async () => {
    const { open, emit } = streamHarness();
    const stream = open();
    emit({});
    const kinds: string[] = [];
    for await (const item of stream) {
      kinds.push(item.kind);
      break;
    }
    expect(kinds).toEqual(["events"]);
    expect((await stream.next()).done).toBe(true);
  });
});

describe("tokens", () => {
  it("name an epoch and a seq, whatever the epoch looks like", () => {
    expect(parseToken(formatToken("a-b-1", 42))).toEqual({ epoch: "a-b-1", seq: 42 });
    for (const bad of ["", "42", "-42", "a-", "a-x", "a--1x", "a-9999999999999999"])
      expect(parseToken(bad)).toBeNull();
  });

  it("of the current position resume behind everything that was published", async () => {
    const { open, emit, journal, published } = streamHarness();
    emit({}, {});
    const stream = open({ after: currentPosition({ journal, published }) });
    emit({});
    expect((await take(stream, 1)).map(brief)).toEqual([[[3], `${EPOCH}-3`]]);
  });
});
