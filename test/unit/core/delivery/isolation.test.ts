import { expect, test } from "vitest";
import { behave, CaptureSink } from "../../../../src/testkit/capture-sink.ts";
import { FakeClock } from "../../../../src/testkit/fake-clock.ts";
import { balanced, MemoryJournal, Rig } from "./rig.ts";

test.each([
  ["dead", behave.broken()],
  ["refusing everything", behave.permanent()],
  ["hanging", behave.hang()],
  ["deaf", behave.deaf()],
] as const)("a healthy sink keeps its rate beside one that is %s", async (_, behaviour) => {
  const clock = new FakeClock();
  const journal = new MemoryJournal();
  const shared = { clock, journal, delivery: { batch: { maxEvents: 100, maxWait: 20 }, timeout: 2000 } };
  const sick = await Rig.open({ ...shared, name: "sick" });
  await sick.start(() => new CaptureSink().behave(behaviour));
  const healthy = await Rig.start({ ...shared, name: "healthy" });
  for (let tick = 0; tick < 200; tick++) {
    journal.add(10);
    await clock.advance(50);
    // Never further behind than its own longest wait.
    expect(healthy.delivery.books.unread).toBe(0);
  }
  expect(healthy.sink.delivered).toHaveLength(2000);
  expect(healthy.sink.delivered.map(({ seq }) => seq)).toEqual(journal.events.map(({ seq }) => seq));
  balanced(sick.delivery, journal.head);
  balanced(healthy.delivery, journal.head);
});

test("a slow sink holds a bounded number of events, however far it is behind", async () => {
  const rig = await Rig.open({ delivery: { batch: { maxEvents: 50, maxWait: 0 } } });
  await rig.start(() => rig.sink.behave(behave.slow(1000, rig.clock)));
  const read: number[] = [];
  const original = rig.journal.read.bind(rig.journal);
  rig.journal.read = (after, limit, maxBytes) => {
    read.push(limit);
    return original(after, limit, maxBytes);
  };
  rig.journal.add(50_000);
  await rig.clock.advance(5000);
  expect(rig.sink.delivered.length).toBeLessThanOrEqual(300);
  expect(read.length).toBeLessThanOrEqual(3);
  expect(Math.max(...read)).toBeLessThanOrEqual(1000);
});
