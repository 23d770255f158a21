import { expect, test } from "vitest";
import { DELIVERY_METRICS } from "../../../../src/core/delivery/delivery-metrics.ts";
import { behave } from "../../../../src/testkit/capture-sink.ts";
import { Rig } from "./rig.ts";

test("every metric of the table is there from the start, also of a sink that cannot start", async () => {
  const rig = await Rig.open();
  await rig.start(() => Promise.reject(new Error("no broker")));
  const text = await rig.registry.text();
  for (const { name } of Object.values(DELIVERY_METRICS)) expect(text).toContain(`# TYPE lifeguard_${name} `);
  rig.journal.add(3, undefined, new Date(rig.clock.now()).toISOString());
  await rig.clock.advance(30_000);
  expect(await rig.metric("sink_backlog_events")).toBe(3);
  expect(await rig.metric("sink_oldest_unread_seconds")).toBe(30);
  await rig.stop();
});

test("the counters tell what became of every event", async () => {
  const rig = await Rig.start({ from: { subjects: ["test/wanted"] }, delivery: { batch: { maxWait: 0 } } });
  rig.sink.next(
    behave.retryable(),
    behave.permanent(({ seq }) => seq === 2),
  );
  rig.journal.add(10, (seq) => ({ subject: seq <= 6 ? "test/wanted" : "test/other" }));
  await rig.drained();
  expect(await rig.metric("sink_delivered_total")).toBe(5);
  expect(await rig.metric("sink_refused_total")).toBe(1);
  expect(await rig.metric("sink_filtered_total")).toBe(4);
  expect(await rig.metric("sink_retries_total")).toBe(1);
  expect(await rig.metric("sink_dropped_total")).toBe(0);
  expect(await rig.metric("sink_backlog_events")).toBe(0);
  expect(await rig.metric("sink_oldest_unread_seconds")).toBe(0);
  expect(await rig.metric("sink_write_seconds_count")).toBe(3);
});

test("a write under way shows in flight", async () => {
  const rig = await Rig.start({ delivery: { batch: { maxWait: 0 } } });
  rig.sink.behave(behave.slow(1000, rig.clock));
  rig.journal.add(4);
  await rig.clock.advance(10);
  expect(await rig.metric("sink_in_flight_events")).toBe(4);
  await rig.clock.advance(1000);
  expect(await rig.metric("sink_in_flight_events")).toBe(0);
  expect(await rig.metric("sink_write_seconds_sum")).toBe(1);
});
