import { describe, expect, test } from "vitest";
import type { Cursor, Journal, SubjectRow } from "../../../../src/core/journal/port.ts";
import type { Envelope } from "../../../../src/plugin/index.ts";
import { FakeClock } from "../../../../src/testkit/fake-clock.ts";
import { temporaryFolder } from "../../../support/temp-folder.ts";
import { envelopes, open } from "./support.ts";

const START = "2026-01-01T00:00:00.000Z";
const at = (ms: number) => new Date(Date.parse(START) + ms).toISOString();
const cursor = (sink: string, seq: number): Cursor => ({
  sink,
  seq,
  base: 0,
  delivered: seq,
  filtered: 0,
  deadLettered: 0,
  dropped: 0,
});
const balance = ({ base, delivered, filtered, deadLettered, dropped }: Cursor) =>
  base + delivered + filtered + deadLettered + dropped;

/** Events of about a kilobyte each. */
async function fill(journal: Journal, count: number, received = START): Promise<void> {
  for (let left = count; left > 0; left -= 500)
    await journal.append({
      events: envelopes(journal.head + 1, Math.min(500, left), { received, size: 600 }),
    });
}

describe.each([{ memory: false }, { memory: true }])("retention, memory: $memory", ({ memory }) => {
  test("takes what is older than max age, in time, and nothing younger", async () => {
    using folder = temporaryFolder();
    const clock = new FakeClock(START);
    await using opened = await open(folder.path, { clock, options: { memory, maxAge: 60_000 } });
    const { journal } = opened;
    await fill(journal, 3000);
    await clock.advance(50_000);
    await fill(journal, 100, at(50_000));
    expect(journal.oldest).toBe(1);
    await clock.advance(20_000);
    await expect.poll(() => journal.oldest).toBe(3001);
    expect(journal.read(0, 10, 1e6)[0]?.seq).toBe(3001);
    expect(journal.status().events).toBe(100);
    expect(opened.drops).toEqual([]);
  });

  test("keeps the newest event, however old: it remembers the position", async () => {
    using folder = temporaryFolder();
    const clock = new FakeClock(START);
    await using opened = await open(folder.path, { clock, options: { memory, maxAge: 1000 } });
    await fill(opened.journal, 10);
    await clock.advance(3_600_000);
    await expect.poll(() => opened.journal.oldest).toBe(10);
    expect(opened.journal.head).toBe(10);
  });

  test("keeps the pages in use below max bytes, the newest events in them", async () => {
    using folder = temporaryFolder();
    const maxBytes = 2_000_000;
    await using opened = await open(folder.path, { options: { memory, maxBytes } });
    const { journal } = opened;
    await fill(journal, 8000);
    await expect.poll(() => journal.status().bytes).toBeLessThanOrEqual(maxBytes);
    const { events, bytes } = journal.status();
    expect(bytes).toBeGreaterThan(maxBytes * 0.8);
    expect(journal.head).toBe(8000);
    expect(journal.read(0, 1_000_000, 1e9).map(({ seq }) => seq)).toEqual(
      Array.from({ length: events }, (_, index) => 8001 - events + index),
    );
  });

  test("unread events of configured sinks stay beyond age and size; those of others do not", async () => {
    using folder = temporaryFolder();
    const clock = new FakeClock(START);
    await using opened = await open(folder.path, {
      clock,
      options: { memory, maxAge: 1000, maxBytes: 1_000_000 },
    });
    const { journal } = opened;
    await journal.append({ cursors: [cursor("here", 0), cursor("gone", 0)] });
    await fill(journal, 3000);
    await clock.advance(20_000);
    await journal.append({ cursors: [cursor("here", 1000)] });
    await clock.advance(20_000);
    // Nobody has said yet who is configured: every cursor counts.
    expect(journal.oldest).toBe(1);
    journal.pin(new Set(["here"]));
    await expect.poll(() => journal.oldest).toBe(1001);
    expect(opened.drops).toEqual([]);
    expect(journal.cursor("gone")).toMatchObject({ seq: 1000, delivered: 0, dropped: 1000 });
    await journal.append({ cursors: [cursor("here", 3000)] });
    await clock.advance(20_000);
    await expect.poll(() => journal.oldest).toBe(3000);
    journal.pin(new Set(["here", "gone"]));
    await expect.poll(() => opened.drops).toEqual([{ sink: "gone", from: 0, to: 2999, dropped: 2999 }]);
    expect(journal.cursor("gone")).toMatchObject({ seq: 2999, dropped: 2999 });
  });

  test("beyond max unread bytes the oldest unread are dropped, told, and in the books", async () => {
    using folder = temporaryFolder();
    const maxUnreadBytes = 1_000_000;
    await using opened = await open(folder.path, { options: { memory, maxUnreadBytes } });
    const { journal, drops } = opened;
    await journal.append({ cursors: [cursor("dead", 0), cursor("slow", 0), cursor("fast", 0)] });
    journal.pin(new Set(["dead", "slow", "fast"]));
    await fill(journal, 800);
    expect(journal.oldest).toBe(1);
    expect(journal.status().unreadBytes).toBeGreaterThan(600_000);
    await journal.append({ cursors: [cursor("fast", 800), cursor("slow", 100)] });
    await fill(journal, 4000);
    await expect.poll(() => journal.status().unreadBytes).toBeLessThanOrEqual(maxUnreadBytes);
    const lost = journal.oldest - 1;
    expect(lost).toBeGreaterThan(1000);
    expect(lost).toBeLessThan(4500);
    const dropped = (sink: string) =>
      drops.filter((drop) => drop.sink === sink).reduce((sum, drop) => sum + drop.dropped, 0);
    expect(dropped("dead")).toBe(lost);
    expect(dropped("slow")).toBe(lost - 100);
    expect(dropped("fast")).toBe(lost - 800);
    for (const place of journal.cursors()) {
      expect(place.seq).toBe(lost);
      expect(balance(place)).toBe(place.seq);
    }
    // A sink that did not know yet writes its own idea of its place.
    await journal.append({ cursors: [cursor("slow", 500)] });
    expect(journal.cursor("slow")).toMatchObject({ seq: lost, delivered: 500, dropped: lost - 500 });
  });
});

test("subjects keep their last verdict when its event is pruned, and over a restart", async () => {
  using folder = temporaryFolder();
  const clock = new FakeClock(START);
  const options = { maxAge: 60_000 };
  const row = (latest: Envelope): SubjectRow => ({
    origin: "here",
    source: "promises",
    subject: latest.event.subject,
    latest,
    measures: null,
    description: null,
  });
  const quiet = envelopes(1, 10);
  const retired = { origin: "here", source: "promises", subject: "promise/p-9" };
  const verdicts = (journal: Journal) =>
    journal
      .subjects()
      .map(({ subject, latest }) => [subject, latest?.seq])
      .sort();
  const expected = Array.from({ length: 9 }, (_, subject) => [
    `promise/p-${subject}`,
    subject === 3 ? 3053 : subject || 10,
  ]);
  {
    await using opened = await open(folder.path, { clock, options });
    const { journal } = opened;
    await journal.append({ events: quiet, subjects: quiet.map(row) });
    await fill(journal, 3000);
    await clock.advance(50_000);
    const late = envelopes(3011, 100, { received: at(50_000) });
    const judged = late.filter(({ seq }) => seq === 3053);
    await journal.append({ events: late, subjects: judged.map(row), retired: [retired] });
    expect(verdicts(journal)).toEqual(expected);
    await clock.advance(20_000);
    await expect.poll(() => journal.oldest).toBe(3011);
    expect(verdicts(journal)).toEqual(expected);
    await clock.advance(60_000);
    await expect.poll(() => journal.oldest).toBe(3110);
    expect(verdicts(journal)).toEqual(expected);
  }
  await using again = await open(folder.path, { clock, options });
  expect(verdicts(again.journal)).toEqual(expected);
  const [back] = envelopes(3111, 1);
  await again.journal.append({ events: [back as Envelope], subjects: [row(back as Envelope)] });
  expect(verdicts(again.journal)[1]).toEqual(["promise/p-1", 3111]);
});

test("room that was freed is used again: the file stops growing", async () => {
  using folder = temporaryFolder();
  await using opened = await open(folder.path, { options: { maxBytes: 1_000_000 } });
  const { journal } = opened;
  await fill(journal, 20_000);
  await expect.poll(() => journal.status().bytes).toBeLessThanOrEqual(1_000_000);
  await opened.close();
  const { statSync } = await import("node:fs");
  expect(statSync(`${folder.path}/journal.sqlite`).size).toBeLessThan(6_000_000);
});

test("a backlog that is gone gives its pages back to the disk", async () => {
  using folder = temporaryFolder();
  const { statSync } = await import("node:fs");
  const size = () => statSync(`${folder.path}/journal.sqlite`).size;
  const clock = new FakeClock(START);
  const opened = await open(folder.path, { clock, options: { maxAge: 1000 } });
  const { journal } = opened;
  await journal.append({ cursors: [cursor("down", 0)] });
  await fill(journal, 20_000);
  await journal.append({ cursors: [cursor("down", 20_000)] });
  await clock.advance(20_000);
  await expect.poll(() => journal.oldest).toBe(20_000);
  await opened.close();
  const afterwards = await open(folder.path, { clock, options: { maxAge: 1000 } });
  await clock.advance(20_000);
  await afterwards.close();
  expect(size()).toBeLessThan(12_000_000);
});
