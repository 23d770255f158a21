import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { GroupCommit } from "../../../../src/core/journal/group-commit.ts";
import type { GroupWriter } from "../../../../src/core/journal/group-writer.ts";
import { LocalWriter } from "../../../../src/core/journal/local-writer.ts";
import { JournalReader } from "../../../../src/core/journal/reader.ts";
import { createSchema } from "../../../../src/core/journal/schema.ts";
import type { Slice } from "../../../../src/core/journal/slice.ts";
import { JournalStore } from "../../../../src/core/journal/store.ts";
import { LifeguardError } from "../../../../src/plugin/index.ts";
import { FakeClock } from "../../../../src/testkit/fake-clock.ts";
import { fc } from "../../../support/property.ts";
import { envelopes } from "./support.ts";

type Fate = "commit" | "fail" | "die after the commit";

/** A real store behind a disk that fails as told; afterwards it works. */
class UnreliableWriter implements GroupWriter {
  readonly window = 0;
  readonly maxEvents = 10_000;
  readonly groups: number[] = [];
  largestSlice = 0;
  readonly #writer: LocalWriter;
  readonly #fates: Fate[];
  #events = 0;

  constructor(store: JournalStore, fates: readonly Fate[]) {
    this.#writer = new LocalWriter(store, () => {});
    this.#fates = [...fates];
  }

  apply(slice: Slice): void {
    this.#events += slice.bodies.length;
    this.largestSlice = Math.max(this.largestSlice, slice.bodies.length);
    this.#writer.apply(slice);
  }

  async commit(now: number) {
    const fate = this.#fates.shift() ?? "commit";
    this.groups.push(this.#events);
    this.#events = 0;
    await new Promise((resolve) => setImmediate(resolve));
    if (fate === "fail") throw new Error("database or disk is full");
    const footprint = await this.#writer.commit(now);
    if (fate === "die after the commit") throw new Error("the thread is gone");
    return footprint;
  }

  async reset() {
    this.#events = 0;
    await this.#writer.reset();
  }

  maintain() {}
  pin() {}
  close = () => this.#writer.close();
  kill = () => this.#writer.close();
}

function setUp(fates: readonly Fate[]) {
  const database = new DatabaseSync(":memory:");
  createSchema(database, { epoch: "e", origin: "o" });
  const bounds = { maxAge: Number.POSITIVE_INFINITY, maxBytes: 1e12, maxUnreadBytes: 1e12 };
  const writer = new UnreliableWriter(new JournalStore(database, { sync: "full", bounds }), fates);
  const clock = new FakeClock();
  const committed: number[] = [];
  const failing: Array<string | null> = [];
  const commits = new GroupCommit({
    writer,
    clock,
    onCommitted(group) {
      for (const pending of group) {
        for (const { seq } of pending.change.events ?? []) committed.push(seq);
        pending.resolve();
      }
    },
    onFailing: (reason) => failing.push(reason),
  });
  return { reader: new JournalReader(database), writer, clock, commits, committed, failing };
}

test("whatever the disk does, every append commits once, in order", async () => {
  const fates = fc.array(fc.constantFrom<Fate>("commit", "fail", "die after the commit"), { maxLength: 8 });
  const sizes = fc.array(fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 900, max: 1100 })), {
    minLength: 1,
    maxLength: 8,
  });
  await fc.assert(
    fc.asyncProperty(fates, sizes, async (disk, appends) => {
      const { reader, clock, commits, committed, failing } = setUp(disk);
      const order: number[] = [];
      let next = 1;
      const all = Promise.all(
        appends.map(async (size, index) => {
          const events = envelopes(next, size);
          next += size;
          const letter = { sink: "a", at: "", reason: "", attempts: index };
          await commits.append({
            events,
            deadLetters: events.slice(0, 1).map((envelope) => ({ ...letter, envelope })),
          });
          order.push(index);
        }),
      );
      for (let turns = 0; !commits.idle; turns++) {
        expect(turns).toBeLessThan(1000);
        await clock.advance(10_000);
      }
      await all;
      const seqs = Array.from({ length: next - 1 }, (_, index) => index + 1);
      expect(order).toEqual(appends.map((_, index) => index));
      expect(committed).toEqual(seqs);
      expect(reader.after(0, next, 1e6, 1e12).map(({ seq }) => seq)).toEqual(seqs);
      expect(reader.deadLetters("a", 100)).toHaveLength(appends.filter((size) => size > 0).length);
      // Each trouble is told, and then once that it is over.
      const endings = failing.filter((reason, index) => reason === null && failing[index - 1] !== null);
      expect(endings).toHaveLength(failing.filter((reason) => reason === null).length);
      expect(failing[0] ?? "told").not.toBeNull();
      expect(failing.at(-1) ?? null).toBeNull();
      expect(commits.failing).toBeNull();
    }),
    { numRuns: 30, interruptAfterTimeLimit: 8000 },
  );
});

test("says why it fails, waits longer each time, and says when it succeeds", async () => {
  const { commits, clock, writer, failing } = setUp(["fail", "fail", "fail"]);
  const done = commits.append({ events: envelopes(1, 1) });
  await expect.poll(() => commits.failing).toBe("database or disk is full");
  for (const [wait, attempts] of [
    [100, 2],
    [200, 3],
    [400, 4],
  ] as const) {
    await clock.advance(wait - 1);
    expect(writer.groups).toHaveLength(attempts - 1);
    await clock.advance(1);
    await expect.poll(() => writer.groups.length).toBe(attempts);
  }
  await done;
  expect(failing).toEqual(["database or disk is full", null]);
});

test("a backlog makes larger groups, within bounds, prepared in slices", async () => {
  const { commits, writer } = setUp([]);
  await Promise.all(
    Array.from({ length: 20 }, (_, index) => commits.append({ events: envelopes(1 + index * 700, 700) })),
  );
  expect(writer.groups.reduce((sum, events) => sum + events, 0)).toBe(14_000);
  expect(Math.max(...writer.groups)).toBeLessThanOrEqual(10_000);
  expect(writer.largestSlice).toBeLessThanOrEqual(1000);
  await commits.append({ events: envelopes(14_001, 12_000) });
  expect(writer.groups.at(-1)).toBe(12_000);
  expect(writer.largestSlice).toBeLessThanOrEqual(1000);
});

test("what is abandoned rejects, and nothing of it is tried again", async () => {
  const { commits, clock, writer } = setUp(Array<Fate>(100).fill("fail"));
  const outcome = commits.append({ events: envelopes(1, 1) }).catch((error: LifeguardError) => error.code);
  await expect.poll(() => commits.failing).not.toBeNull();
  commits.abandon(new LifeguardError("JOURNAL_CLOSED", "closed"));
  expect(await outcome).toBe("JOURNAL_CLOSED");
  const attempts = writer.groups.length;
  await clock.advance(60_000);
  expect(writer.groups).toHaveLength(attempts);
  expect(clock.pending).toBe(0);
});
