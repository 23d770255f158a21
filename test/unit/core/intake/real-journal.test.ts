import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LiveBoard } from "../../../../src/core/board.ts";
import { Bus } from "../../../../src/core/bus.ts";
import { Intake } from "../../../../src/core/intake/intake.ts";
import { openJournal } from "../../../../src/core/journal/journal.ts";
import type { Journal } from "../../../../src/core/journal/port.ts";
import { MetricsRegistry } from "../../../../src/core/metrics.ts";
import { Recent } from "../../../../src/core/recent.ts";
import { Published } from "../../../../src/core/streams/published.ts";
import { currentPosition, openStreams } from "../../../../src/core/streams.ts";
import { systemClock } from "../../../../src/core/system-clock.ts";
import type { StreamItem } from "../../../../src/plugin/index.ts";
import { draft, sourceOf } from "./harness.ts";

const LIMITS = { intakeQueue: 10_000, intakeBytes: 2 ** 26, subjects: 10_000, eventBytes: 65_536 };
const log = { debug() {}, info() {}, warn() {}, error() {} };

let directory: string;
const closing: (() => Promise<void>)[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "lifeguard-intake-"));
});

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  rmSync(directory, { recursive: true, force: true });
});

/** Everything between sources and sinks, over a real journal. */
async function start({ memory = false, commitDelay = 0, ring = 1000 } = {}) {
  const bus = new Bus({
    onError: (_name, error) => {
      throw error;
    },
  });
  const journal: Journal = await openJournal({
    path: join(directory, "journal.db"),
    originFile: join(directory, "origin"),
    options: { memory, sync: "normal", maxAge: 1e9, maxBytes: 1e9, maxUnreadBytes: 1e9 },
    clock: systemClock,
    log,
    onCommitted: (envelopes) => bus.publish(envelopes),
    onDropped: () => {},
    onStatus: () => {},
    commitDelay,
  });
  const recent = new Recent({ capacity: ring, head: journal.head });
  const board = new LiveBoard({ journal, recent, clock: systemClock });
  bus.subscribeGroups("board", (group) => board.apply(group));
  bus.subscribeGroups("recent", (group) => recent.push(group));
  const published = new Published({ journal, recent, bus });
  const registry = new MetricsRegistry();
  const metrics = registry.core;
  const intake = new Intake({ journal, limits: LIMITS, clock: systemClock, log, metrics });
  const life = new AbortController();
  const open = openStreams({ journal, published, board, signal: life.signal });
  let closed = false;
  const stop = async () => {
    if (closed) return;
    closed = true;
    life.abort();
    await intake.drain(AbortSignal.timeout(5000));
    await journal.close(AbortSignal.timeout(5000));
    registry.close();
  };
  closing.push(stop);
  const source = sourceOf({ origin: journal.origin });
  const position = () => currentPosition({ journal, published });
  return { journal, bus, board, intake, open, source, position, stop };
}

async function take(stream: AsyncIterator<StreamItem>, events: number): Promise<StreamItem[]> {
  const items: StreamItem[] = [];
  let seen = 0;
  while (seen < events) {
    const next = await stream.next();
    if (next.done) break;
    items.push(next.value);
    if (next.value.kind === "events") seen += next.value.events.length;
  }
  return items;
}

const seqsOf = (items: readonly StreamItem[]) =>
  items.flatMap((item) => (item.kind === "events" ? item.events.map(({ seq }) => seq) : []));

describe("over a real journal", () => {
  it("what was accepted is on the board, in the streams and in the journal, in the same order", async () => {
    const { intake, journal, board, open, source } = await start({ memory: true });
    const stream = open();
    const drafts = Array.from({ length: 2500 }, (_, i) =>
      draft({ subject: `promise/${i % 50}`, status: i % 3 === 0 ? "critical" : "ok", data: { i } }),
    );
    expect(await intake.accept(source, drafts)).toEqual({ accepted: 2500, duplicates: 0 });
    expect(journal.head).toBe(2500);
    expect(board.subjects()).toHaveLength(50);
    const items = await take(stream, 2500);
    expect(seqsOf(items)).toEqual(Array.from({ length: 2500 }, (_, i) => i + 1));
    const inMemory = items.flatMap((item) => (item.kind === "events" ? item.events : []));
    expect(journal.read(0, 5000, 1e9)).toEqual(inMemory);
  });

  it("a restart goes on with the seq, the episode, the ids, the checkpoints and the board, which reads stale", async () => {
    const first = await start();
    const described = { title: "Disk", public: true };
    first.intake.describe(first.source, "promise/a", described);
    first.intake.offer(first.source, draft({ status: "critical", id: "fact-1", checkpoint: { at: 1 } }));
    first.intake.offer(first.source, draft({ subject: "promise/gone" }));
    first.intake.describe(first.source, "promise/gone", null);
    await first.stop();

    const second = await start();
    expect(second.journal.head).toBe(4);
    expect(second.journal.state("source/promises", "")).toEqual([["at", 1]]);
    expect(second.board.subjects()).toMatchObject([
      { subject: "promise/a", status: "unknown", episode: "fact-1", description: described },
    ]);
    expect(second.board.subjects()[0]?.stale).toMatch(/not seen since the restart/);
    expect(second.board.changes(10).map(({ event }) => event.id)).toEqual(["fact-1"]);
    second.intake.describe(second.source, "promise/a", described);
    const again = await second.intake.accept(second.source, [
      draft({ status: "critical", id: "fact-1" }),
      draft({ status: "critical" }),
      draft({ status: "ok" }),
    ]);
    expect(again).toEqual({ accepted: 2, duplicates: 1 });
    const after = second.journal.read(4, 10, 1e6);
    expect(after.map(({ seq, change, episode }) => [seq, change, episode])).toEqual([
      [5, false, "fact-1"],
      [6, true, "fact-1"],
    ]);
    expect(second.board.subjects()).toMatchObject([{ status: "ok", stale: null, episode: null }]);
  });

  it("a stream resumes over a restart, and gets a gap and a snapshot from another journal", async () => {
    const first = await start();
    first.intake.offer(first.source, draft());
    await first.intake.drain(AbortSignal.timeout(5000));
    const position = first.position();
    first.intake.offer(first.source, draft());
    await first.stop();

    const second = await start();
    second.intake.offer(second.source, draft());
    expect(seqsOf(await take(second.open({ after: position }), 2))).toEqual([2, 3]);
    await second.stop();

    const other = await start({ memory: true });
    const stream = other.open({ after: position });
    expect((await stream.next()).value).toMatchObject({ kind: "gap" });
    expect((await stream.next()).value).toMatchObject({ kind: "snapshot", subjects: [] });
  });

  it("while commits are slow nothing is published early, and a slow reader misses nothing", async () => {
    const { intake, journal, open, source, bus } = await start({ commitDelay: 20, ring: 100 });
    let early = 0;
    bus.subscribe("check", ({ seq }) => {
      if (seq > journal.head) early++;
    });
    const slow = open({ max: 37 });
    const all = Array.from({ length: 40 }, (_, round) =>
      intake.accept(
        source,
        Array.from({ length: 50 }, (_, i) => draft({ data: { round, i } })),
      ),
    );
    await Promise.all(all);
    expect(seqsOf(await take(slow, 2000))).toEqual(Array.from({ length: 2000 }, (_, i) => i + 1));
    expect(early).toBe(0);
  });
});
