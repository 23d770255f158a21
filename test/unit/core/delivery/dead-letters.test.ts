import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DeadLetters } from "../../../../src/core/delivery/dead-letters.ts";
import { behave, CaptureSink } from "../../../../src/testkit/capture-sink.ts";
import { balanced, Rig } from "./rig.ts";

let rig: Rig;
let letters: DeadLetters;

/** A sink that has refused so many events and takes the next ones. */
async function refused(count: number, deadLetterLimit = 100): Promise<void> {
  rig = await Rig.start({
    deadLetterLimit,
    delivery: { batch: { maxEvents: 3, maxWait: 0 }, timeout: 2000 },
  });
  rig.sink.behave(behave.permanent(undefined, "no such table"));
  rig.journal.add(count);
  await rig.drained();
  await rig.clock.advance(0);
  rig.sink.behave(behave.accept());
  rig.sink.offered.length = 0;
  letters = new DeadLetters(
    rig.journal.port,
    (sink) => (sink === "out" ? rig.delivery : undefined),
    () => 3,
  );
}

beforeEach(() => refused(7));
afterEach(() => {
  expect(rig.sink.breaches).toEqual([]);
  balanced(rig.delivery, rig.journal.head);
});

const left = () => rig.journal.letters.map(({ envelope }) => envelope.seq);

describe("dead letters", () => {
  test("are listed with why and when, oldest first", () => {
    expect(letters.list("out", 2)).toMatchObject([
      { id: 1, sink: "out", reason: "no such table", attempts: 1, envelope: { event: { id: "e1" } } },
      { id: 2 },
    ]);
    expect(letters.list("other", 10)).toEqual([]);
  });

  test("that are replayed go through the sink in order and batches, and are deleted", async () => {
    expect(await letters.replay("out")).toEqual({ accepted: 7, refused: 0, left: 0, reason: null });
    expect(rig.sink.offered.map((batch) => batch.map(({ seq }) => seq))).toEqual([[1, 2, 3], [4, 5, 6], [7]]);
    expect(left()).toEqual([]);
    expect(rig.delivery.books).toMatchObject({ deadLettered: 7, delivered: 0 });
  });

  test("that are refused again stay, the others of the batch are replayed", async () => {
    rig.sink.behave(behave.permanent(({ seq }) => seq === 2 || seq === 6));
    expect(await letters.replay("out")).toEqual({ accepted: 5, refused: 2, left: 0, reason: "never" });
    expect(left()).toEqual([2, 6]);
  });

  test("stay when the sink fails; what it names as delivered does not", async () => {
    rig.sink.next(behave.accept()).behave(behave.retryable(({ seq }) => seq === 5, "down"));
    expect(await letters.replay("out")).toEqual({ accepted: 4, refused: 0, left: 3, reason: "down" });
    expect(left()).toEqual([4, 6, 7]);
  });

  test("can be chosen by their numbers", async () => {
    expect(await letters.replay("out", [2, 5, 99])).toMatchObject({ accepted: 2, left: 0 });
    expect(await letters.drop("out", [1])).toBe(1);
    expect(left()).toEqual([3, 4, 6, 7]);
    expect(await letters.drop("out")).toBe(4);
    expect(left()).toEqual([]);
  });

  test("a replay never writes beside a delivery", async () => {
    rig.sink.behave(behave.slow(1000, rig.clock));
    rig.journal.add(2);
    await rig.clock.advance(10);
    const replayed = letters.replay("out");
    rig.journal.add(2);
    await rig.clock.advance(20_000);
    expect(await replayed).toMatchObject({ accepted: 7 });
    expect(rig.sink.delivered).toHaveLength(11);
  });

  test("a replay through a write that hangs ends with its timeout", async () => {
    rig.sink.behave(behave.hang());
    const replayed = letters.replay("out");
    await rig.clock.advance(2000);
    expect(await replayed).toMatchObject({ accepted: 0, left: 7, reason: "no answer within 2000 ms" });
  });

  test("a replay under way is aborted by a stop, before the sink is closed, and its letters stay", async () => {
    const trace: string[] = [];
    rig.sink
      .behave(async (_, signal) => {
        await rig.clock.sleep(60_000, signal).catch(() => {});
        await rig.clock.sleep(200);
        trace.push("write gave up");
        throw new Error("aborted");
      })
      .onClose(() => void trace.push("closed"));
    const replayed = letters.replay("out");
    await rig.clock.advance(100);
    const stopped = rig.stop();
    await rig.clock.advance(300);
    await stopped;
    expect(trace).toEqual(["write gave up", "closed"]);
    expect(await replayed).toMatchObject({ accepted: 0, left: 7 });
  });

  test("a replay to an unknown or a stopped sink says so", async () => {
    await expect(letters.replay("other")).rejects.toMatchObject({ code: "SINK_UNKNOWN" });
    await rig.stop();
    await expect(letters.replay("out")).rejects.toMatchObject({ code: "SINK_DOWN" });
    expect(left()).toHaveLength(7);
  });
});

describe("the bound", () => {
  test("drops the oldest, counts them and tells", async () => {
    await refused(12, 5);
    await rig.clock.advance(60_000);
    expect(left()).toEqual([8, 9, 10, 11, 12]);
    expect(await rig.metric("sink_dead_letters_dropped_total")).toBe(7);
    const told = rig.emitted.map(({ data }) => data as { reason: string; count: number });
    expect(told.every(({ reason }) => reason === "dead-letters")).toBe(true);
    expect(told.reduce((sum, { count }) => sum + count, 0)).toBe(7);
    expect(rig.delivery.books.deadLettered).toBe(12);
  });

  test("knows of letters from before, and of those that were dropped by hand", async () => {
    await refused(5, 5);
    const { journal } = rig;
    await rig.stop();
    rig = await Rig.start({
      journal,
      deadLetterLimit: 5,
      sink: new CaptureSink().behave(behave.permanent()),
      delivery: { batch: { maxWait: 0 } },
    });
    letters = new DeadLetters(
      journal.port,
      () => rig.delivery,
      () => 3,
    );
    journal.add(1);
    await rig.until(() => left().length === 5 && left().at(-1) === 6);
    await letters.drop("out", [2, 3, 4]);
    journal.add(2);
    await rig.drained();
    await rig.clock.advance(0);
    expect(left()).toEqual([5, 6, 7, 8]);
  });
});
