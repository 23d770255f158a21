import { describe, expect, test } from "vitest";
import type { Cursor, SubjectRow } from "../../../../src/core/journal/port.ts";
import { temporaryFolder } from "../../../support/temp-folder.ts";
import { envelopes, open } from "./support.ts";

const ALL = [1_000_000, Number.POSITIVE_INFINITY] as const;
const cursor = (sink: string, seq: number): Cursor => ({
  sink,
  seq,
  base: 0,
  delivered: seq,
  filtered: 0,
  deadLettered: 0,
  dropped: 0,
});

describe.each([{ memory: false }, { memory: true }])("a journal, memory: $memory", (options) => {
  test("is empty when new", async () => {
    using folder = temporaryFolder();
    await using opened = await open(folder.path, { options });
    const { journal } = opened;
    expect(journal).toMatchObject({ head: 0, oldest: 1 });
    expect(journal.epoch).toMatch(/^[a-z0-9]{8}$/);
    expect(journal.origin).toMatch(/^[a-z0-9]{12}$/);
    expect(journal.read(0, ...ALL)).toEqual([]);
    expect(journal.cursor("a")).toBeUndefined();
    expect(journal.status()).toMatchObject({ failing: null, events: 0, unreadBytes: 0 });
  });

  test("gives back what was appended, in order, whole", async () => {
    using folder = temporaryFolder();
    await using opened = await open(folder.path, { options });
    const { journal } = opened;
    const written = envelopes(1, 2500);
    await Promise.all([
      journal.append({ events: written.slice(0, 3) }),
      journal.append({ events: written.slice(3, 1200) }),
      journal.append({ events: written.slice(1200) }),
    ]);
    expect(journal).toMatchObject({ head: 2500, oldest: 1 });
    expect(journal.read(0, ...ALL)).toEqual(written);
    expect(journal.read(7, 3, Number.POSITIVE_INFINITY)).toEqual(written.slice(7, 10));
    expect(journal.read(2500, ...ALL)).toEqual([]);
    expect(journal.status().events).toBe(2500);
  });

  test("reads at least one event, and then no more bytes than asked for", async () => {
    using folder = temporaryFolder();
    await using opened = await open(folder.path, { options });
    const { journal } = opened;
    await journal.append({ events: envelopes(1, 20, { size: 10_000 }) });
    expect(journal.read(0, 20, 1)).toHaveLength(1);
    expect(journal.read(0, 20, 35_000)).toHaveLength(3);
  });

  test("tells of committed events in order, before their appends resolve, and shows no event before it was told", async () => {
    using folder = temporaryFolder();
    let shown = 0;
    const seen: number[] = [];
    await using opened = await open(folder.path, {
      options,
      onCommitted(batch) {
        seen.push(...batch.map(({ seq }) => seq));
        shown = opened.journal.read(0, ...ALL).length;
        expect(shown).toBe(seen.length);
        expect(opened.journal.head).toBe(seen.at(-1));
      },
    });
    const written = envelopes(1, 5000);
    const cuts = [0, 1, 2, 500, 3700, 3701, 5000];
    await Promise.all(
      cuts.slice(1).map(async (end, index) => {
        await opened.journal.append({ events: written.slice(cuts[index], end) });
        expect(seen.length).toBeGreaterThanOrEqual(end);
      }),
    );
    expect(seen).toEqual(written.map(({ seq }) => seq));
  });

  test("a callback that throws harms nobody", async () => {
    using folder = temporaryFolder();
    await using opened = await open(folder.path, {
      options,
      onCommitted() {
        throw new Error("no");
      },
    });
    await opened.journal.append({ events: envelopes(1, 1) });
    await opened.journal.append({ events: envelopes(2, 1) });
    expect(opened.log.filter((line) => line.startsWith("error"))).toHaveLength(2);
  });

  test("refuses a hole and a repetition, and goes on", async () => {
    using folder = temporaryFolder();
    await using opened = await open(folder.path, { options });
    const { journal } = opened;
    await journal.append({ events: envelopes(1, 2) });
    for (const first of [2, 4])
      await expect(journal.append({ events: envelopes(first, 1) })).rejects.toMatchObject({
        code: "JOURNAL_ORDER",
      });
    await journal.append({ events: envelopes(3, 1) });
    expect(journal.head).toBe(3);
  });

  test("keeps one row a subject, the last of a group", async () => {
    using folder = temporaryFolder();
    await using opened = await open(folder.path, { options });
    const { journal } = opened;
    const key = { origin: "here", source: "promises", subject: "promise/a" };
    const [first, second, third] = envelopes(1, 3) as [never, never, never];
    const described: SubjectRow = { ...key, latest: first, measures: null, description: { title: "A" } };
    const latest: SubjectRow = {
      ...key,
      latest: second,
      measures: { rtt: { value: 1, unit: "ms" } },
      description: null,
    };
    const other: SubjectRow = {
      ...key,
      origin: "there",
      latest: null,
      measures: null,
      description: { title: "B" },
    };
    await Promise.all([
      journal.append({ events: [first], subjects: [described, other] }),
      journal.append({ events: [second], subjects: [latest] }),
    ]);
    expect(journal.subjects()).toEqual([other, latest].sort((a, b) => a.origin.localeCompare(b.origin)));
    await Promise.all([
      journal.append({ retired: [key] }),
      journal.append({
        events: [third],
        subjects: [{ ...key, latest: third, measures: null, description: null }],
      }),
      journal.append({ retired: [{ ...key, origin: "there" }] }),
    ]);
    expect(journal.subjects()).toEqual([{ ...key, latest: third, measures: null, description: null }]);
    await journal.append({ retired: [key] });
    expect(journal.subjects()).toEqual([]);
  });

  test("keeps a row whose latest envelope came earlier", async () => {
    using folder = temporaryFolder();
    await using opened = await open(folder.path, { options });
    const { journal } = opened;
    const [first, second] = envelopes(1, 2) as [never, never];
    const key = { origin: "here", source: "promises", subject: "promise/a" };
    await journal.append({
      events: [first],
      subjects: [{ ...key, latest: first, measures: null, description: null }],
    });
    const measured: SubjectRow = {
      ...key,
      latest: first,
      measures: { load: { value: 2, unit: "1" } },
      description: null,
    };
    await journal.append({ events: [second], subjects: [measured] });
    expect(journal.subjects()).toEqual([measured]);
  });

  test("is a key-value store for each owner, read by prefix", async () => {
    using folder = temporaryFolder();
    await using opened = await open(folder.path, { options });
    const { journal } = opened;
    const set = (owner: string, key: string, value: never) => ({ owner, key, value });
    await journal.append({
      state: [
        set("source/a", "x", { deep: [1, null] } as never),
        set("source/a", "xy", "text" as never),
        set("source/a", "y", false as never),
        set("source/a", "x\u{10FFFF}z", 1 as never),
        set("sink/a", "x", 2 as never),
      ],
    });
    expect(journal.state("source/a", "x")).toEqual([
      ["x", { deep: [1, null] }],
      ["xy", "text"],
      ["x\u{10FFFF}z", 1],
    ]);
    expect(journal.state("source/a", "")).toHaveLength(4);
    expect(journal.state("sink/a", "")).toEqual([["x", 2]]);
    await Promise.all([
      journal.append({ state: [set("source/a", "x", 5 as never)] }),
      journal.append({ state: [{ owner: "source/a", key: "x", value: null }] }),
    ]);
    expect(journal.state("source/a", "x").map(([key]) => key)).not.toContain("x");
  });

  test("a value that is no JSON fails alone", async () => {
    using folder = temporaryFolder();
    await using opened = await open(folder.path, { options });
    const { journal } = opened;
    for (const value of [1n, undefined, () => {}])
      await expect(
        journal.append({ state: [{ owner: "source/a", key: "k", value: value as never }] }),
      ).rejects.toMatchObject({ code: "STATE_INVALID", message: expect.stringContaining("source/a") });
    await journal.append({ events: envelopes(1, 1) });
  });

  test("keeps cursors and dead letters, and forgets them with their owner", async () => {
    using folder = temporaryFolder();
    await using opened = await open(folder.path, { options });
    const { journal } = opened;
    const [envelope, next] = envelopes(1, 2) as [never, never];
    const letter = { sink: "a", envelope, at: "2026-01-01T00:00:00.000Z", reason: "refused", attempts: 1 };
    await journal.append({ events: [envelope, next], cursors: [cursor("a", 0), cursor("b", 0)] });
    await Promise.all([
      journal.append({ cursors: [cursor("a", 1)], deadLetters: [letter, { ...letter, envelope: next }] }),
      journal.append({ cursors: [cursor("a", 2)], deadLetters: [{ ...letter, sink: "b" }] }),
    ]);
    expect(journal.cursor("a")).toEqual(cursor("a", 2));
    expect(journal.cursors()).toEqual([cursor("a", 2), cursor("b", 0)]);
    const letters = journal.deadLetters("a", 10);
    expect(letters).toEqual([
      { id: expect.any(Number), ...letter },
      { id: expect.any(Number), ...letter, envelope: next },
    ]);
    expect(journal.deadLetters("a", 1)).toHaveLength(1);
    await journal.deleteDeadLetters([letters[0]?.id as number]);
    expect(journal.deadLetters("a", 10)).toEqual(letters.slice(1));
    await Promise.all([
      journal.append({ state: [{ owner: "sink/a", key: "k", value: 1 }] }),
      journal.forget(["sink/a", "source/gone"]),
      journal.append({ state: [{ owner: "sink/a", key: "after", value: 1 }] }),
    ]);
    expect(journal.cursor("a")).toBeUndefined();
    expect(journal.deadLetters("a", 10)).toEqual([]);
    expect(journal.state("sink/a", "")).toEqual([["after", 1]]);
    expect(journal.cursor("b")).toEqual(cursor("b", 0));
    expect(journal.deadLetters("b", 10)).toHaveLength(1);
  });

  test("knows the ids that came with their drafts, and the changes", async () => {
    using folder = temporaryFolder();
    await using opened = await open(folder.path, { options });
    const { journal } = opened;
    const written = envelopes(1, 40).map((envelope) => ({ ...envelope, change: envelope.seq % 4 === 0 }));
    await journal.append({ events: written, ownIds: ["id-3", "id-37"] });
    expect(["id-3", "id-4", "id-37", "id-99"].map((id) => journal.has(id))).toEqual([
      true,
      false,
      true,
      false,
    ]);
    expect(journal.changes(3).map(({ seq }) => seq)).toEqual([40, 36, 32]);
  });

  test("commits what waits when it closes, and takes nothing afterwards", async () => {
    using folder = temporaryFolder();
    const opened = await open(folder.path, { options });
    const appended = opened.journal.append({ events: envelopes(1, 3000) });
    await opened.close();
    await appended;
    expect(opened.committed).toHaveLength(3000);
    await expect(opened.journal.append({})).rejects.toMatchObject({ code: "JOURNAL_CLOSED" });
    await opened.close();
  });
});
