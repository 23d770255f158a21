import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Bus } from "../../../../src/core/bus.ts";
import { DeadLetters } from "../../../../src/core/delivery/dead-letters.ts";
import { Delivery } from "../../../../src/core/delivery/delivery.ts";
import { openJournal } from "../../../../src/core/journal/journal.ts";
import type { Journal } from "../../../../src/core/journal/port.ts";
import { createLogger } from "../../../../src/core/log.ts";
import { MetricsRegistry } from "../../../../src/core/metrics.ts";
import { Recent } from "../../../../src/core/recent.ts";
import { Published } from "../../../../src/core/streams/published.ts";
import { Supervisor } from "../../../../src/core/supervisor.ts";
import { systemClock } from "../../../../src/core/system-clock.ts";
import { behave, CaptureSink } from "../../../../src/testkit/capture-sink.ts";
import { balanced, envelope, Rig } from "./rig.ts";

const clock = systemClock;
let journal: Journal;
let supervisor: Supervisor;
let source: Published;

beforeEach(async () => {
  const log = await createLogger({ level: "silent" });
  const bus = new Bus({ onError: () => {} });
  journal = await openJournal({
    path: "",
    originFile: null,
    options: {
      memory: true,
      sync: "normal",
      maxAge: Number.POSITIVE_INFINITY,
      maxBytes: 1e9,
      maxUnreadBytes: 1e9,
    },
    clock,
    log,
    onCommitted: (envelopes) => bus.publish(envelopes),
  });
  supervisor = new Supervisor({ clock, log });
  // A ring of ten: whoever is further behind reads the journal.
  const recent = new Recent({ capacity: 10, head: journal.head });
  bus.subscribeGroups("recent", (envelopes) => recent.push(envelopes));
  source = new Published({ journal, recent, bus });
});
afterEach(() => journal.close(AbortSignal.timeout(1000)));

async function open(): Promise<Delivery> {
  const { instance } = await Rig.open({
    delivery: { batch: { maxEvents: 8, maxWait: 5 }, retry: { initial: 5, max: 20 } },
  });
  const registry = new MetricsRegistry();
  registry.close();
  return Delivery.open({
    instance,
    journal,
    source,
    clock,
    log: await createLogger({ level: "silent" }),
    metrics: registry.forComponent("sink", "out"),
    emit: () => {},
    deadLetterLimit: 100,
  });
}

const start = (delivery: Delivery, sink: CaptureSink) =>
  supervisor.run(supervisor.add("sink/out", "sink"), (life) => delivery.attach(sink, life));
const accept = (count: number) =>
  journal.append({ events: Array.from({ length: count }, (_, i) => envelope(journal.head + 1 + i)) });
const stop = () => supervisor.stop("sink/out", AbortSignal.timeout(5000));

describe("over the real journal and the real clock", () => {
  test("what one run leaves, the next one delivers; cursor, books and dead letters agree", async () => {
    const first = new CaptureSink().behave(behave.permanent(({ seq }) => seq === 3));
    let delivery = await open();
    await start(delivery, first);
    await accept(20);
    await expect.poll(() => delivery.books.unread).toBe(0);
    await stop();
    expect(journal.cursor("out")).toMatchObject({ seq: 20, delivered: 19, deadLettered: 1 });
    expect(journal.deadLetters("out", 10)).toMatchObject([{ reason: "never", envelope: { seq: 3 } }]);

    await accept(5);
    delivery = await open();
    expect(delivery.books.unread).toBe(5);
    const second = new CaptureSink();
    await start(delivery, second);
    await expect.poll(() => second.ids).toEqual(["e21", "e22", "e23", "e24", "e25"]);
    const letters = new DeadLetters(
      journal,
      () => delivery,
      () => 8,
    );
    expect(await letters.replay("out")).toMatchObject({ accepted: 1 });
    expect(second.ids.at(-1)).toBe("e3");
    expect(journal.deadLetters("out", 10)).toEqual([]);
    balanced(delivery, journal.head);
    await stop();
  });

  test("a state that write staged is there after a restart", async () => {
    const delivery = await open();
    let known: unknown;
    await supervisor.run(supervisor.add("sink/out", "sink"), async (life) => {
      const state = delivery.state(life.signal);
      known = await state.get("last");
      return delivery.attach(
        { write: async (batch) => state.set("last", batch.at(-1)?.seq ?? 0), close: async () => {} },
        life,
      );
    });
    await accept(4);
    await expect.poll(() => delivery.books.unread).toBe(0);
    await supervisor.restart("sink/out", "test");
    expect(known).toBe(4);
    await stop();
    expect(journal.state("sink/out", "")).toEqual([["last", 4]]);
  });

  test("random failures under load lose nothing", async () => {
    const delivery = await open();
    const sink = new CaptureSink().behave((batch, signal) => {
      const dice = Math.random();
      if (dice < 0.2) return behave.retryable(({ seq }) => seq % 2 === 0)(batch, signal);
      if (dice < 0.3) return behave.broken()(batch, signal);
    });
    await start(delivery, sink);
    for (let i = 0; i < 40; i++) await accept(10);
    await expect.poll(() => delivery.books.unread, { timeout: 10_000 }).toBe(0);
    expect(new Set(sink.ids).size).toBe(400);
    expect(sink.ids).toHaveLength(400);
    expect(sink.breaches).toEqual([]);
    await stop();
  });
});
