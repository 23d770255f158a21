import { afterEach, describe, expect, test } from "vitest";
import { behave, CaptureSink } from "../../../../src/testkit/capture-sink.ts";
import { balanced, Rig } from "./rig.ts";

let rig: Rig;
afterEach(() => {
  expect(rig.sink.breaches).toEqual([]);
  expect(rig.sink.closed).toBe(true);
  balanced(rig.delivery, rig.journal.head);
  expect(rig.clock.pending).toBe(0);
});

const state = () => rig.health?.state;

describe("stop", () => {
  test.each(["durable", "live"] as const)("with a half-full batch delivers it at once (%s)", async (mode) => {
    rig = await Rig.start({ mode, delivery: { batch: { maxEvents: 100, maxWait: 60_000 } } });
    rig.journal.add(7);
    await rig.clock.advance(10);
    expect(rig.sink.offered).toEqual([]);
    await rig.stop();
    expect(rig.sink.delivered).toHaveLength(7);
    expect(rig.journal.cursor("out")).toMatchObject({ seq: 7, delivered: 7 });
    expect(await rig.metric("sink_delivered_total")).toBe(7);
  });

  test("waits for the write under way and its cursor, so that nothing comes twice", async () => {
    rig = await Rig.start({ delivery: { batch: { maxWait: 0 } } });
    rig.sink.behave(behave.slow(3000, rig.clock));
    rig.journal.add(5);
    await rig.clock.advance(10);
    const stopped = rig.stop();
    await rig.clock.advance(2000);
    expect(state()).toBe("stopping");
    await rig.clock.advance(1000);
    await stopped;
    expect(rig.journal.cursor("out")?.seq).toBe(5);
  });

  test("of a durable sink leaves its backlog in the journal", async () => {
    rig = await Rig.start({ delivery: { batch: { maxEvents: 2, maxWait: 0 } } });
    rig.sink.behave(behave.slow(1000, rig.clock));
    rig.journal.add(100);
    await rig.clock.advance(500);
    const stopped = rig.stop();
    await rig.clock.advance(5000);
    await stopped;
    expect(rig.sink.delivered).toHaveLength(4);
    expect(rig.journal.cursor("out")?.seq).toBe(4);
  });

  test("of a live sink delivers all there is, within the deadline", async () => {
    rig = await Rig.start({ mode: "live", delivery: { batch: { maxEvents: 2, maxWait: 0 } } });
    rig.sink.behave(behave.slow(1000, rig.clock));
    rig.journal.add(10);
    await rig.clock.advance(500);
    const stopped = rig.stop();
    await rig.clock.advance(10_000);
    await stopped;
    expect(rig.sink.delivered).toHaveLength(10);
  });

  test("with a dead durable sink tries once more and does not wait for the deadline", async () => {
    rig = await Rig.start({
      sink: new CaptureSink().behave(behave.broken()),
      delivery: { batch: { maxWait: 0 } },
    });
    rig.journal.add(3);
    await rig.clock.advance(10_000);
    const tries = rig.sink.offered.length;
    await rig.stop();
    expect(rig.sink.offered).toHaveLength(tries + 1);
    expect(rig.journal.cursor("out")?.seq).toBe(0);
  });

  test("with a dead live sink: the deadline holds, and the loss is said", async () => {
    rig = await Rig.start({
      mode: "live",
      sink: new CaptureSink().behave(behave.broken()),
      delivery: { batch: { maxWait: 0 } },
    });
    rig.journal.add(3);
    await rig.clock.advance(10);
    const stopped = rig.stop();
    await rig.clock.advance(20_000);
    expect(state()).toBe("stopping");
    rig.deadline.abort();
    await rig.clock.advance(0);
    await stopped;
    expect(rig.lines.join()).toContain("3 events were not delivered before the stop");
  });

  test.each([
    ["hangs", behave.hang(), 0],
    ["ignores its abort", behave.deaf(), 500],
  ] as const)("with a write that %s: the deadline holds", async (_, behaviour, grace) => {
    rig = await Rig.start({
      sink: new CaptureSink().behave(behaviour),
      delivery: { batch: { maxWait: 0 }, timeout: 3_600_000 },
    });
    rig.journal.add(3);
    await rig.clock.advance(10);
    const stopped = rig.stop();
    await rig.clock.advance(20_000);
    rig.deadline.abort();
    await rig.clock.advance(grace);
    await stopped;
    expect(state()).toBe("stopped");
    expect(rig.starts).toBe(1);
  });

  test("with a full disk: the deadline holds", async () => {
    rig = await Rig.start({ delivery: { batch: { maxWait: 0 } } });
    rig.journal.fillDisk();
    rig.journal.add(3);
    await rig.until(() => rig.sink.delivered.length === 3);
    const stopped = rig.stop();
    await rig.clock.advance(1000);
    expect(state()).toBe("stopping");
    rig.deadline.abort();
    await rig.clock.advance(500);
    await stopped;
  });

  test("with a deadline that has passed already is quick", async () => {
    rig = await Rig.start({
      sink: new CaptureSink().behave(behave.hang()),
      delivery: { batch: { maxWait: 0 } },
    });
    rig.journal.add(3);
    await rig.clock.advance(10);
    rig.deadline.abort();
    await rig.stop();
  });

  test("with a sink whose close hangs ends a moment after the deadline", async () => {
    rig = await Rig.start({ sink: new CaptureSink().onClose(() => new Promise(() => {})) });
    const stopped = rig.stop();
    await rig.clock.advance(20_000);
    rig.deadline.abort();
    await rig.clock.advance(2000);
    await stopped;
    expect(state()).toBe("stopped");
  });

  test("restart loop: ids in are ids out, in order, each once", async () => {
    rig = await Rig.start({ delivery: { batch: { maxEvents: 7, maxWait: 50 } } });
    const { journal } = rig;
    const out: string[] = [];
    for (let round = 0; round < 20; round++) {
      journal.add(round * 3);
      await rig.clock.advance(round % 3);
      await rig.stop();
      out.push(...rig.sink.ids);
      journal.add(1);
      rig = await Rig.start({ journal, delivery: { batch: { maxEvents: 7, maxWait: 50 } } });
    }
    await rig.drained();
    await rig.stop();
    out.push(...rig.sink.ids);
    expect(out).toEqual(journal.events.map(({ event }) => event.id));
  });
});
