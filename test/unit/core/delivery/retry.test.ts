import { afterEach, describe, expect, test } from "vitest";
import { PermanentError, type Sink } from "../../../../src/plugin/index.ts";
import { behave, CaptureSink } from "../../../../src/testkit/capture-sink.ts";
import { balanced, Rig } from "./rig.ts";

const seqs = (batch: readonly { seq: number }[]) => batch.map(({ seq }) => seq);
const delivery = { batch: { maxWait: 0 }, retry: { initial: 1000, max: 4000 } };

let rig: Rig;
afterEach(() => {
  expect(rig.sink.breaches).toEqual([]);
  balanced(rig.delivery, rig.journal.head);
});

describe("a failure that may pass", () => {
  test("brings back what was not delivered, in order, after a growing back-off", async () => {
    rig = await Rig.start({ delivery });
    rig.sink.next(
      behave.retryable(({ seq }) => seq === 2),
      behave.broken(),
      behave.broken(),
      behave.broken(),
    );
    rig.journal.add(4);
    await rig.clock.advance(0);
    const times: number[] = [];
    while (rig.delivery.books.unread > 0) {
      const before = rig.sink.offered.length;
      await rig.until(() => rig.sink.offered.length > before, { step: 1 });
      times.push(rig.clock.monotonic());
    }
    expect(rig.sink.offered.map(seqs)).toEqual([
      [1, 2, 3, 4],
      [1, 3, 4],
      [1, 3, 4],
      [1, 3, 4],
      [1, 3, 4],
    ]);
    expect(seqs(rig.sink.delivered)).toEqual([2, 1, 3, 4]);
    expect(times).toEqual([999, 999 + 1998, 999 + 1998 + 3996, 999 + 1998 + 3996 + 3996]);
    expect(rig.delivery.books).toMatchObject({ delivered: 4 });
  });

  test("moves the cursor past what was delivered without a gap, so that a crash repeats no more", async () => {
    rig = await Rig.start({ delivery });
    rig.sink.behave(behave.retryable(({ seq }) => seq <= 2 || seq === 4));
    rig.journal.add(5);
    await rig.clock.advance(10);
    expect(rig.journal.cursor("out")).toMatchObject({ seq: 2, delivered: 2 });
    expect(rig.delivery.books.unread).toBe(3);
  });

  test("never ends unless it is told to", async () => {
    rig = await Rig.start({ delivery });
    rig.sink.behave(behave.broken());
    rig.journal.add(1);
    await rig.clock.advance(3_600_000);
    expect(rig.sink.offered.length).toBeGreaterThan(800);
    expect(rig.journal.letters).toEqual([]);
    rig.sink.behave(behave.accept());
    await rig.drained();
    expect(rig.sink.ids).toEqual(["e1"]);
  });

  test("ends in dead letters after maxAttempts, and what follows has its own attempts", async () => {
    rig = await Rig.start({
      delivery: { ...delivery, batch: { maxEvents: 2, maxWait: 0 }, retry: { maxAttempts: 3 } },
    });
    rig.sink.next(behave.broken("a"), behave.broken("b"), behave.broken("c"));
    rig.journal.add(3);
    await rig.drained();
    await rig.clock.advance(0);
    expect(
      rig.journal.letters.map(({ envelope, reason, attempts }) => [envelope.seq, reason, attempts]),
    ).toEqual([
      [1, "c", 3],
      [2, "c", 3],
    ]);
    expect(rig.sink.ids).toEqual(["e3"]);
  });

  test("shows as recoverable from the second in a row on, and as ok after a delivery", async () => {
    rig = await Rig.start({ delivery });
    rig.sink.behave(behave.retryable(undefined, "broker is down"));
    rig.journal.add(1);
    await rig.clock.advance(10);
    expect(rig.health?.state).toBe("ok");
    await rig.clock.advance(1000);
    expect(rig.health).toMatchObject({ state: "recoverable", status: "warning" });
    expect(rig.health?.message).toContain("broker is down");
    expect(rig.supervisor.ready()).toBe(true);
    rig.sink.behave(behave.accept());
    await rig.drained();
    expect(rig.health).toMatchObject({ state: "ok", message: "" });
    expect(rig.starts).toBe(1);
  });

  test("a write that throws at once, without a promise, is as one that rejects", async () => {
    rig = await Rig.open({ delivery });
    let tries = 0;
    await rig.start(() => ({
      write: (() => {
        if (++tries < 2) throw new Error("sync");
      }) as unknown as NonNullable<Sink["write"]>,
      close: async () => {},
    }));
    rig.journal.add(1);
    await rig.drained();
    expect(tries).toBe(2);
  });
});

describe("a refusal for good", () => {
  test("makes dead letters of what it names; the rest comes back at once", async () => {
    rig = await Rig.start({ delivery });
    rig.sink.behave(behave.permanent(({ seq }) => seq % 2 === 0, "bad row"));
    rig.journal.add(5);
    await rig.until(() => rig.delivery.books.unread === 0, { limit: 0 });
    await rig.clock.advance(0);
    expect(rig.sink.offered.map(seqs)).toEqual([
      [1, 2, 3, 4, 5],
      [1, 3, 5],
    ]);
    expect(rig.journal.letters).toMatchObject([
      { sink: "out", reason: "bad row", attempts: 2, at: "2026-01-01T00:00:00.000Z", envelope: { seq: 2 } },
      { envelope: { seq: 4 } },
    ]);
    expect(rig.delivery.books).toMatchObject({ delivered: 3, deadLettered: 2 });
  });

  test("that names nothing refuses the whole batch", async () => {
    rig = await Rig.start({ delivery });
    rig.sink.next(() => {
      throw new PermanentError("all of it");
    });
    rig.journal.add(3);
    await rig.until(() => rig.journal.letters.length === 3, { limit: 0 });
  });

  test("that names only strangers is a failure like any other, and does not spin", async () => {
    rig = await Rig.start({ delivery });
    rig.sink.behave(() => {
      throw new PermanentError("who?", { refused: ["unknown"] });
    });
    rig.journal.add(1);
    await rig.clock.advance(500);
    expect(rig.sink.offered).toHaveLength(1);
    expect(rig.journal.letters).toEqual([]);
  });

  test("reaches the journal in the transaction that moves the cursor past it", async () => {
    rig = await Rig.start({ delivery });
    rig.sink.next(behave.permanent(({ seq }) => seq === 2)).behave(behave.broken());
    rig.journal.add(3);
    await rig.clock.advance(5000);
    // The first event is still unread: were the letter written now, a crash would make a second one.
    expect(rig.journal.letters).toEqual([]);
    rig.sink.behave(behave.accept());
    await rig.until(() => rig.journal.letters.length > 0);
    const save = rig.journal.appends.find(({ deadLetters = [] }) => deadLetters.length > 0);
    expect(save?.cursors?.[0]).toMatchObject({ seq: 3, deadLettered: 1, delivered: 2 });
  });

  test("waits for the disk, so that refusals do not pile up in memory", async () => {
    rig = await Rig.start({ delivery: { ...delivery, batch: { maxEvents: 1, maxWait: 0 } } });
    rig.journal.fillDisk();
    rig.sink.behave(behave.permanent());
    rig.journal.add(10);
    await rig.clock.advance(60_000);
    expect(rig.sink.offered.length).toBeLessThanOrEqual(2);
    rig.journal.repair();
    await rig.until(() => rig.journal.letters.length === 10);
  });
});

test("a life whose close hangs does not hold up the next one", async () => {
  rig = await Rig.open({ delivery });
  const sinks: CaptureSink[] = [];
  await rig.start(() => {
    const sink = new CaptureSink().onClose(() => new Promise(() => {}));
    sinks.push(sink);
    return sink;
  });
  const restarted = rig.supervisor.restart(rig.id, "test");
  await rig.clock.advance(3000);
  await restarted;
  rig.journal.add(2);
  await rig.drained();
  expect(sinks.map(({ ids }) => ids)).toEqual([[], ["e1", "e2"]]);
});

test("a sink that comes after its start was given up is closed, and disturbs nobody", async () => {
  rig = await Rig.open({ delivery });
  const late = Promise.withResolvers<CaptureSink>();
  let starts = 0;
  void rig.start(() => (++starts === 1 ? late.promise : rig.sink));
  await rig.clock.advance(61_000);
  expect(starts).toBe(2);
  rig.journal.add(1);
  await rig.drained();
  const zombie = new CaptureSink();
  late.resolve(zombie);
  rig.journal.add(2);
  await rig.drained();
  expect(zombie).toMatchObject({ closed: true, offered: [] });
  expect(rig.sink.ids).toEqual(["e1", "e2", "e3"]);
});

test("a write that a restart interrupts is no failure of the sink, and counts no attempt", async () => {
  rig = await Rig.open({ delivery: { ...delivery, retry: { maxAttempts: 1 } } });
  const sinks: CaptureSink[] = [];
  await rig.start(() => {
    const sink = new CaptureSink();
    if (sinks.push(sink) === 1) sink.behave(behave.hang());
    return sink;
  });
  rig.journal.add(2);
  await rig.clock.advance(10);
  const restarted = rig.supervisor.restart(rig.id, "test");
  await rig.clock.advance(3000);
  await restarted;
  await rig.drained();
  expect(sinks[1]?.ids).toEqual(["e1", "e2"]);
  expect(rig.journal.letters).toEqual([]);
  expect(await rig.metric("sink_retries_total")).toBe(0);
});

test("a write that ends after its life was over still counts, before the next life begins", async () => {
  rig = await Rig.open({ delivery });
  const lives = [new AbortController(), new AbortController()] as const;
  const attach = (sink: CaptureSink, { signal }: AbortController) =>
    rig.delivery.attach(sink, {
      signal,
      onStop() {},
      fail() {},
      complete() {},
      degraded() {},
      recovered() {},
    });
  const old = new CaptureSink().behave(() => rig.clock.sleep(1000));
  attach(old, lives[0]);
  rig.journal.add(2);
  await rig.clock.advance(700);
  lives[0].abort();
  attach(rig.sink, lives[1]);
  rig.journal.add(1);
  await rig.drained();
  expect(old.ids).toEqual(["e1", "e2"]);
  expect(rig.sink.ids).toEqual(["e3"]);
  lives[1].abort();
});

describe("a write that takes too long", () => {
  test("is aborted and comes back", async () => {
    rig = await Rig.start({ delivery: { ...delivery, timeout: 5000 } });
    rig.sink.next(behave.hang());
    rig.journal.add(1);
    await rig.clock.advance(4999);
    expect(rig.sink.offered).toHaveLength(1);
    await rig.clock.advance(1);
    await rig.drained();
    expect(rig.sink.ids).toEqual(["e1"]);
    expect(rig.lines.join()).toContain("no answer within 5000 ms");
    expect(rig.starts).toBe(1);
  });

  test("but resolves within the grace counts as delivered", async () => {
    rig = await Rig.start({ delivery: { ...delivery, timeout: 5000 } });
    rig.sink.next(() => rig.clock.sleep(5200));
    rig.journal.add(1);
    await rig.clock.advance(5200);
    await rig.clock.advance(0);
    expect(rig.delivery.books.delivered).toBe(1);
    expect(rig.sink.offered).toHaveLength(1);
  });

  test("and ignores its abort costs the sink its life; the batch waits for the next one", async () => {
    const sinks: CaptureSink[] = [];
    rig = await Rig.open({ delivery: { ...delivery, timeout: 5000 } });
    await rig.start(() => {
      const sink = new CaptureSink();
      if (sinks.push(sink) === 1) sink.behave(behave.deaf());
      return sink;
    });
    rig.journal.add(2);
    await rig.clock.advance(5499);
    expect(rig.health?.state).toBe("ok");
    await rig.clock.advance(1);
    expect(rig.health?.state).toBe("recoverable");
    expect(rig.health?.message).toContain("ignores its abort");
    await rig.drained();
    expect(sinks).toHaveLength(2);
    expect(sinks[0]).toMatchObject({ closed: true, delivered: [], breaches: [] });
    expect(sinks[1]?.ids).toEqual(["e1", "e2"]);
    expect(rig.health?.state).toBe("ok");
  });
});
