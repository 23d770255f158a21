import { afterEach, describe, expect, test } from "vitest";
import { behave, CaptureSink } from "../../../../src/testkit/capture-sink.ts";
import { balanced, MemoryJournal, Rig } from "./rig.ts";

const seqs = (batch: readonly { seq: number }[]) => batch.map(({ seq }) => seq);
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

let rig: Rig;
afterEach(() => {
  expect(rig.sink.breaches).toEqual([]);
  balanced(rig.delivery, rig.journal.head);
});

describe("batches", () => {
  test("are full when there is much, and the rest goes after the longest wait", async () => {
    rig = await Rig.start({ delivery: { batch: { maxEvents: 4, maxWait: 100 } } });
    rig.journal.add(10);
    await rig.clock.advance(99);
    await rig.clock.advance(0);
    expect(rig.sink.offered.map(seqs)).toEqual([range(1, 4), range(5, 8)]);
    await rig.clock.advance(2);
    expect(rig.sink.offered.map(seqs)).toEqual([range(1, 4), range(5, 8), [9, 10]]);
  });

  test("wait from their first event on, however many follow", async () => {
    rig = await Rig.start({ delivery: { batch: { maxEvents: 100, maxWait: 100 } } });
    for (let i = 0; i < 5; i++) {
      rig.journal.add(1);
      await rig.clock.advance(20);
    }
    await rig.clock.advance(1);
    expect(rig.sink.offered.map(seqs)).toEqual([range(1, 5)]);
  });

  test("are no larger than maxBytes, unless one event alone is", async () => {
    rig = await Rig.start({ delivery: { batch: { maxBytes: 1500, maxWait: 0 } } });
    rig.journal.add(5, (seq) => ({ message: seq === 3 ? "x".repeat(5000) : "" }));
    await rig.drained();
    expect(rig.sink.offered.map(seqs)).toEqual([[1, 2], [3], [4, 5]]);
  });

  test("hold only what the sink subscribed to; the cursor passes the rest", async () => {
    rig = await Rig.start({ from: { subjects: ["test/odd"] }, delivery: { batch: { maxWait: 0 } } });
    rig.journal.add(9, (seq) => ({ subject: seq % 2 ? "test/odd" : "test/even" }));
    await rig.drained();
    expect(seqs(rig.sink.delivered)).toEqual([1, 3, 5, 7, 9]);
    expect(rig.delivery.books).toMatchObject({ delivered: 5, filtered: 4, unread: 0, seq: 9 });
  });

  test("a long stretch that matches nothing leaves the event loop its turns", async () => {
    rig = await Rig.start({ from: { subjects: ["none"] } });
    rig.journal.add(5000);
    await rig.clock.advance(0);
    expect(rig.delivery.books.unread).toBeGreaterThan(0);
    await rig.drained();
    expect(rig.delivery.books.filtered).toBe(5000);
  });
});

describe("the cursor", () => {
  test("of a new durable sink is on disk before the sink starts, at the end", async () => {
    const journal = new MemoryJournal();
    journal.add(3);
    rig = await Rig.open({ journal });
    expect(journal.cursor("out")).toMatchObject({ seq: 3, base: 3 });
    journal.add(2);
    await rig.start();
    await rig.drained();
    expect(seqs(rig.sink.delivered)).toEqual([4, 5]);
  });

  test("of a sink that begins at the oldest begins there", async () => {
    const journal = new MemoryJournal();
    journal.add(5);
    journal.prune(2);
    rig = await Rig.start({ journal, begin: "oldest" });
    await rig.drained();
    expect(seqs(rig.sink.delivered)).toEqual([3, 4, 5]);
  });

  test("is saved with its books after a delivery, and survives a restart", async () => {
    rig = await Rig.start({ delivery: { batch: { maxWait: 0 } } });
    rig.journal.add(7);
    await rig.drained();
    expect(rig.journal.cursor("out")).toMatchObject({ seq: 7, delivered: 7 });
    const { journal } = rig;
    await rig.stop();
    journal.add(2);
    rig = await Rig.start({ journal });
    await rig.drained();
    expect(seqs(rig.sink.delivered)).toEqual([8, 9]);
    expect(rig.delivery.books).toMatchObject({ delivered: 9, base: 0 });
  });

  test("moves only after the sink acknowledged", async () => {
    rig = await Rig.start({
      sink: new CaptureSink().behave(behave.hang()),
      delivery: { batch: { maxWait: 0 } },
    });
    rig.journal.add(3);
    await rig.clock.advance(5000);
    expect(rig.sink.offered).toHaveLength(1);
    expect(rig.journal.cursor("out")?.seq).toBe(0);
    expect(rig.delivery.books.unread).toBe(3);
  });

  test("that only passed what nobody wanted is saved within a second, not at once", async () => {
    rig = await Rig.start({ from: { subjects: ["none"] } });
    const before = rig.journal.appends.length;
    for (let i = 0; i < 50; i++) {
      rig.journal.add(1);
      await rig.clock.advance(10);
    }
    expect(rig.journal.appends.length - before).toBeLessThanOrEqual(1);
    await rig.clock.advance(1000);
    expect(rig.journal.cursor("out")).toMatchObject({ seq: 50, filtered: 50 });
  });

  test("does not wait for a slow disk: deliveries go on, and one save covers them", async () => {
    rig = await Rig.start({ delivery: { batch: { maxEvents: 1, maxWait: 0 } } });
    const before = rig.journal.appends.length;
    rig.journal.fillDisk();
    rig.journal.add(20);
    await rig.until(() => rig.sink.delivered.length === 20);
    expect(rig.journal.cursor("out")?.seq).toBe(0);
    rig.journal.repair();
    await rig.until(() => rig.journal.cursor("out")?.seq === 20);
    expect(rig.journal.appends.length - before).toBe(2);
  });

  test("a crash between write and cursor brings the same ids again", async () => {
    rig = await Rig.start({ delivery: { batch: { maxEvents: 5, maxWait: 0 } } });
    rig.journal.add(5);
    await rig.until(() => rig.journal.cursor("out")?.seq === 5);
    rig.journal.fillDisk();
    rig.journal.add(5);
    await rig.until(() => rig.sink.delivered.length === 10);
    const crashed = rig;
    const journal = Object.assign(new MemoryJournal(), {
      events: crashed.journal.events,
      stored: new Map(crashed.journal.stored),
    });
    rig = await Rig.start({ journal });
    await rig.drained();
    expect(rig.sink.ids).toEqual(crashed.sink.ids.slice(5));
    expect(rig.delivery.books.delivered).toBe(10);
  });

  test("changing the subscription keeps it", async () => {
    rig = await Rig.start({ from: { subjects: ["none"] }, delivery: { batch: { maxWait: 0 } } });
    rig.journal.add(3);
    await rig.drained();
    await rig.stop();
    rig = await Rig.start({ journal: rig.journal });
    rig.journal.add(1);
    await rig.drained();
    expect(seqs(rig.sink.delivered)).toEqual([4]);
  });
});

describe("live", () => {
  test("begins at the head of each run, and takes back the old cursor", async () => {
    const journal = new MemoryJournal();
    rig = await Rig.start({ mode: "live", journal });
    journal.add(3);
    await rig.stop();
    expect(seqs(rig.sink.delivered)).toEqual([1, 2, 3]);
    journal.add(4);
    rig = await Rig.open({ mode: "live", journal });
    expect(journal.cursor("out")?.seq).toBe(7);
    await rig.start();
    journal.add(1);
    await rig.drained();
    expect(seqs(rig.sink.delivered)).toEqual([8]);
  });

  test("keeps a cursor while it runs, so that retention can know of it", async () => {
    const journal = new MemoryJournal();
    journal.add(3);
    rig = await Rig.start({ mode: "live", journal });
    await rig.clock.advance(0);
    expect(journal.cursor("out")).toMatchObject({ seq: 3, base: 3 });
  });

  test("goes on from where it was at a reload", async () => {
    const journal = new MemoryJournal();
    rig = await Rig.start({ mode: "live", journal, delivery: { batch: { maxWait: 0 } } });
    journal.add(3);
    await rig.drained();
    await rig.stop();
    journal.add(2);
    rig = await Rig.start({ mode: "live", journal, resume: true });
    await rig.drained();
    expect(seqs(rig.sink.delivered)).toEqual([4, 5]);
  });

  test("loses nothing while its sink is started anew", async () => {
    rig = await Rig.start({ mode: "live", delivery: { batch: { maxWait: 0 } } });
    rig.journal.add(2);
    await rig.drained();
    const restarted = rig.supervisor.restart(rig.id, "test");
    rig.journal.add(3);
    await restarted;
    await rig.drained();
    expect(seqs(rig.sink.delivered)).toEqual(range(1, 5));
  });

  test("a sink without writes has no delivery and holds back nothing", async () => {
    const journal = new MemoryJournal();
    rig = await Rig.open({ mode: "live", journal });
    let closed = 0;
    await rig.start(() => ({ close: async () => void closed++ }));
    // Its books would only tell how far behind it is.
    expect(rig.delivery.delivers).toBe(false);
    journal.add(3);
    await rig.clock.advance(10_000);
    expect(journal.cursor("out")).toBeUndefined();
    expect(await rig.registry.text()).not.toContain("lifeguard_sink_backlog_events{");
    await rig.stop();
    expect(closed).toBe(1);
  });
});

describe("what was pruned unread", () => {
  test("counts as dropped, is told once, and delivery goes on", async () => {
    rig = await Rig.open({ delivery: { batch: { maxWait: 0 } } });
    rig.journal.add(10);
    rig.journal.prune(6);
    await rig.start();
    await rig.drained();
    expect(seqs(rig.sink.delivered)).toEqual([7, 8, 9, 10]);
    expect(rig.delivery.books).toMatchObject({ dropped: 6, delivered: 4 });
    expect(rig.emitted).toEqual([
      expect.objectContaining({
        type: "lifeguard.sink.dropped",
        subject: "sink/out",
        data: { reason: "unread", count: 6 },
      }),
    ]);
    expect(rig.lines.filter((line) => line.includes("6 events were pruned"))).toHaveLength(1);
  });

  test("everything pruned, and nothing left to read, still balances", async () => {
    rig = await Rig.open();
    rig.journal.add(4);
    rig.journal.prune(4);
    await rig.start();
    await rig.drained();
    expect(rig.delivery.books).toMatchObject({ dropped: 4, seq: 4 });
  });

  test("is told while a dead sink still tries, and once a minute when it goes on", async () => {
    rig = await Rig.start({
      sink: new CaptureSink().behave(behave.retryable()),
      delivery: { batch: { maxEvents: 2, maxWait: 0 }, retry: { initial: 1000, max: 1000 } },
    });
    const told = () =>
      rig.emitted.map(({ data }) => (data as { count: number }).count).reduce((sum, count) => sum + count, 0);
    for (let outage = 1; outage <= 2; outage++) {
      rig.emitted.length = 0;
      const before = rig.delivery.books.dropped;
      rig.sink.behave(behave.retryable());
      for (let second = 0; second < 130; second++) {
        rig.journal.add(1000);
        if (rig.journal.events.length > 5000) rig.journal.prune(rig.journal.head - 5000);
        await rig.clock.advance(1000);
      }
      expect(rig.emitted.length).toBeGreaterThanOrEqual(2);
      expect(rig.emitted.length).toBeLessThanOrEqual(3);
      rig.sink.behave(behave.accept());
      await rig.drained();
      await rig.clock.advance(60_000);
      expect(rig.delivery.books.dropped - before).toBeGreaterThan(100_000);
      expect(told()).toBe(rig.delivery.books.dropped - before);
    }
  });

  test("is told also of a sink that cannot start", async () => {
    rig = await Rig.open();
    await rig.start(() => Promise.reject(new Error("no broker")));
    rig.journal.add(10);
    rig.journal.prune(8);
    rig.delivery.noticePruning();
    rig.delivery.noticePruning();
    expect(rig.emitted).toHaveLength(1);
    await rig.stop();
  });
});

describe("state", () => {
  test("that a write staged is committed in the transaction of its cursor", async () => {
    rig = await Rig.open({ delivery: { batch: { maxWait: 0 } } });
    await rig.start(({ state }) => ({
      write: async (batch) => state.set("last", batch.at(-1)?.event.id ?? null),
      close: async () => {},
    }));
    rig.journal.add(3);
    await rig.until(() => rig.journal.cursor("out")?.seq === 3);
    const save = rig.journal.appends.find(({ state = [] }) => state.length > 0);
    expect(save).toMatchObject({
      cursors: [{ sink: "out", seq: 3 }],
      state: [{ owner: "sink/out", key: "last", value: "e3" }],
    });
  });

  test("of a write that failed is forgotten, that of the next counts", async () => {
    rig = await Rig.open({ delivery: { batch: { maxWait: 0 } } });
    let tries = 0;
    await rig.start(({ state }) => ({
      async write() {
        expect(await state.get("try")).toBeUndefined();
        state.set("try", ++tries);
        expect(await state.get("try")).toBe(tries);
        if (tries < 3) throw new Error("not yet");
      },
      close: async () => {},
    }));
    rig.journal.add(1);
    await rig.drained();
    await rig.until(() => rig.journal.states.has("sink/out try"));
    expect(rig.journal.states.get("sink/out try")).toBe(3);
  });

  test("can be read all along, also while a slow disk takes it in", async () => {
    rig = await Rig.start({ delivery: { batch: { maxWait: 0 } } });
    rig.journal.fillDisk();
    rig.state?.set("a", 1);
    rig.state?.set("b", 2);
    rig.journal.add(1);
    await rig.drained();
    rig.state?.set("b", null);
    expect(await rig.state?.get("a")).toBe(1);
    expect(await rig.state?.entries()).toEqual([["a", 1]]);
    rig.journal.repair();
    rig.journal.add(1);
    await rig.until(() => rig.journal.cursor("out")?.seq === 2);
    expect([...rig.journal.states]).toEqual([["sink/out a", 1]]);
  });

  test("is saved out of turn when the sink asks, but not what a write under way has staged", async () => {
    rig = await Rig.open();
    const writing = Promise.withResolvers<void>();
    const end = Promise.withResolvers<void>();
    await rig.start(({ state }) => ({
      write: async () => {
        state.set("by write", 1);
        writing.resolve();
        await end.promise;
        throw new Error("no");
      },
      close: async () => {},
    }));
    rig.state?.set("by clock", 1);
    await rig.state?.flush();
    expect([...rig.journal.states]).toEqual([["sink/out by clock", 1]]);
    rig.journal.add(1);
    let writes = false;
    void writing.promise.then(() => {
      writes = true;
    });
    await rig.until(() => writes);
    const flushed = rig.state?.flush();
    end.resolve();
    await flushed;
    expect([...rig.journal.states]).toEqual([["sink/out by clock", 1]]);
  });

  test("that a write left behind still sets reaches no later life", async () => {
    rig = await Rig.start();
    const old = rig.state;
    await rig.supervisor.restart(rig.id, "test");
    old?.set("zombie", true);
    expect(await rig.state?.get("zombie")).toBeUndefined();
  });
});
