import { beforeEach, describe, expect, it } from "vitest";
import { LiveBoard } from "../../../../src/core/board.ts";
import type { SubjectRow } from "../../../../src/core/journal/port.ts";
import { Recent } from "../../../../src/core/recent.ts";
import {
  compileGlob,
  type Description,
  type Envelope,
  type Event,
  type Json,
} from "../../../../src/plugin/index.ts";
import { FakeClock } from "../../../../src/testkit/fake-clock.ts";
import { envelope } from "../intake/envelopes.ts";

const START = "2026-01-01T00:00:00.000Z";
const OWN = "origin-a";

let clock: FakeClock;
let recent: Recent;
let seq: number;

beforeEach(() => {
  clock = new FakeClock(START);
  seq = 0;
});

function boardOf(rows: readonly SubjectRow[] = [], changes: readonly Envelope[] = []): LiveBoard {
  recent = new Recent({ capacity: 100, head: 0 });
  return new LiveBoard({
    journal: { origin: OWN, subjects: () => rows, changes: (limit) => changes.slice(0, limit) },
    recent,
    clock,
  });
}

function apply(board: LiveBoard, event: Partial<Event>, rest: Partial<Envelope> = {}): Envelope {
  const one = envelope(++seq, event, rest);
  recent.push([one]);
  board.apply([one]);
  return one;
}

const row = (subject: string, latest: Envelope | null, rest: Partial<SubjectRow> = {}): SubjectRow => ({
  origin: OWN,
  source: "promises",
  subject,
  latest,
  measures: null,
  description: null,
  ...rest,
});

const describeAs = (
  board: LiveBoard,
  subject: string,
  description: Description,
  event: Partial<Event> = {},
) => apply(board, { type: "subject.described", subject, data: description as Json, ...event });

describe("the board", () => {
  it("shows the latest verdict of each subject, with since, episode and measures", () => {
    const board = boardOf();
    apply(board, { status: "ok" });
    const bad = apply(
      board,
      {
        status: "critical",
        state: "BAD",
        message: "disk full",
        time: "2026-01-01T00:01:00.000Z",
        measures: { used: { value: 99, unit: "%" } },
      },
      { change: true, since: "2026-01-01T00:01:00.000Z", episode: "id-2" },
    );
    expect(board.subjects()).toEqual([
      {
        origin: OWN,
        source: "promises",
        subject: "promise/a",
        status: "critical",
        state: "BAD",
        message: "disk full",
        since: "2026-01-01T00:01:00.000Z",
        seen: "2026-01-01T00:01:00.000Z",
        stale: null,
        episode: "id-2",
        event: bad.event,
        measures: { used: { value: 99, unit: "%" } },
        seq: 2,
        description: {},
        group: "promises",
        instance: "promises",
      },
    ]);
  });

  it("is in no episode after a recovery, though its envelope carries the one that ended", () => {
    const board = boardOf();
    apply(board, { status: "ok" }, { change: true, episode: "id-0" });
    expect(board.find("promise/a")[0]?.episode).toBeNull();
  });

  it("lists by source, subject and origin, whatever the order of arrival, and without what was retired", () => {
    const board = boardOf();
    const list = () => board.subjects().map((state) => `${state.source} ${state.subject} ${state.origin}`);
    apply(board, { source: "b", subject: "x/1" });
    apply(board, { source: "a", subject: "x/2", origin: "origin-z" });
    apply(board, { source: "a", subject: "x/2" });
    expect(list()).toEqual(["a x/2 origin-a", "a x/2 origin-z", "b x/1 origin-a"]);
    apply(board, { source: "a", subject: "x/10" });
    apply(board, { source: "c", subject: "x/0" });
    apply(board, { source: "b", subject: "x/1", type: "subject.retired" });
    apply(board, { source: "b", subject: "x/0" });
    expect(list()).toEqual([
      "a x/10 origin-a",
      "a x/2 origin-a",
      "a x/2 origin-z",
      "b x/0 origin-a",
      "c x/0 origin-a",
    ]);
    expect(
      board
        .find("x/2")
        .map(({ origin }) => origin)
        .sort(),
    ).toEqual(["origin-a", "origin-z"]);
    expect(board.find("x/1")).toEqual([]);
  });

  it("leaves own health and instances out of the subjects", () => {
    const board = boardOf();
    apply(board, { source: "lifeguard", subject: "lifeguard/intake", type: "lifeguard.intake.overflow" });
    describeAs(board, "instance/edge", { title: "Edge" });
    expect(board.subjects()).toEqual([]);
    expect([...board.instances()]).toEqual([["edge", { origin: OWN, description: { title: "Edge" } }]]);
    apply(board, { subject: "instance/edge", type: "subject.retired" });
    expect(board.instances().size).toBe(0);
  });

  it("shows the newest description of an instance that several describe, and the other once that is retired", () => {
    const board = boardOf();
    const title = () => board.instances().get("edge")?.description.title;
    describeAs(board, "instance/edge", { title: "old" });
    describeAs(board, "instance/edge", { title: "new" }, { source: "other" });
    expect(title()).toBe("new");
    apply(board, { subject: "instance/edge", type: "subject.retired", source: "other" });
    expect(title()).toBe("old");
  });

  it("lets no other lifeguard speak for an instance of its own", () => {
    const board = boardOf();
    describeAs(board, "instance/edge", { title: "ours" });
    describeAs(board, "instance/edge", { title: "theirs" }, { origin: "elsewhere" });
    expect(board.instances().get("edge")).toEqual({ origin: OWN, description: { title: "ours" } });
    apply(board, { subject: "instance/edge", type: "subject.retired" });
    expect(board.instances().get("edge")).toEqual({
      origin: "elsewhere",
      description: { title: "theirs" },
    });
  });

  it("takes the heading from monitors.yaml, else from the description, else from the instance", () => {
    const board = boardOf();
    apply(board, { status: "ok" });
    const shown = () => board.find("promise/a").map(({ group, instance }) => [group, instance])[0];
    expect(shown()).toEqual(["promises", "promises"]);
    describeAs(board, "promise/a", { instance: "edge" });
    expect(shown()).toEqual(["edge", "edge"]);
    describeAs(board, "promise/a", { instance: "edge", group: "Discs" });
    expect(shown()).toEqual(["Discs", "edge"]);
    board.setSource("promises", { group: "Platform" });
    expect(shown()).toEqual(["Platform", "edge"]);
    board.setSource("promises", {});
    expect(shown()).toEqual(["Discs", "edge"]);
  });

  it("shows as public what monitors.yaml says is, whatever the source says of it", () => {
    const board = boardOf();
    apply(board, { status: "ok" });
    const shown = () => board.find("promise/a")[0]?.description;
    expect(shown()?.public).toBeUndefined();
    board.setSource("promises", { public: true });
    expect(shown()?.public).toBe(true);
    const before = shown();
    apply(board, { status: "critical" });
    expect(shown()).toBe(before);
    describeAs(board, "promise/a", { title: "A", public: true });
    board.setSource("promises", { public: false });
    expect(shown()).toEqual({ title: "A", public: false });
    board.setSource("promises", {});
    expect(shown()?.public).toBe(true);
  });

  it("keeps message and status over housekeeping, and takes its measures", () => {
    const board = boardOf();
    apply(board, { status: "warning", message: "slow" });
    apply(board, {
      type: "vim.measured",
      status: "warning",
      message: "rtt",
      measures: { rtt: { value: 3, unit: "ms" } },
      time: "2026-01-01T00:09:00.000Z",
    });
    expect(board.find("promise/a")[0]).toMatchObject({
      status: "warning",
      message: "slow",
      measures: { rtt: { value: 3 } },
      seen: "2026-01-01T00:09:00.000Z",
      seq: 2,
    });
  });

  it("shows a registered subject as pending", () => {
    const board = boardOf();
    apply(board, { type: "promise.registered", status: "unknown" });
    expect(board.subjects()[0]).toMatchObject({
      status: "unknown",
      state: "PENDING",
      event: null,
      stale: null,
    });
  });

  it("gives out the same snapshot until something of it differs, and never changes one", () => {
    const board = boardOf();
    apply(board, { status: "ok" });
    apply(board, { status: "ok", subject: "promise/b" });
    const [version, list] = [board.version, board.subjects()];
    expect(board.subjects()).toBe(list);
    const copy = structuredClone(list);
    apply(board, { status: "critical", subject: "promise/b" });
    expect(board.version).toBeGreaterThan(version);
    expect(board.subjects()[0]).toBe(list[0]);
    expect(board.subjects()[1]?.status).toBe("critical");
    expect(list).toEqual(copy);
  });

  it("keeps changes and recent events apart from the subjects, newest first, filtered", () => {
    const before = envelope(0, { message: "before the restart" }, { change: true });
    const board = boardOf([], [before]);
    apply(board, { status: "critical" }, { change: true });
    apply(board, { status: "critical" });
    apply(board, { type: "subject.described", data: {} });
    apply(board, { status: "ok", source: "other" }, { change: true });
    expect(board.changes(10).map((e) => e.seq)).toEqual([4, 1, 0]);
    expect(board.changes(1).map((e) => e.seq)).toEqual([4]);
    expect(board.recent(10).map((e) => e.seq)).toEqual([4, 2, 1]);
    expect(board.recent(10, { types: ["subject.*"] }).map((e) => e.seq)).toEqual([3]);
    expect(board.changes(10, { sources: ["promises"] }).map((e) => e.seq)).toEqual([1, 0]);
  });

  it("remembers a thousand changes and no more", () => {
    const board = boardOf();
    for (let i = 0; i < 2500; i++) apply(board, {}, { change: true });
    const found = board.changes(5000);
    expect(found).toHaveLength(1000);
    expect(found[0]?.seq).toBe(2500);
    expect(found[999]?.seq).toBe(1501);
  });
});

describe("trust", () => {
  const bad = envelope(7, { status: "critical", message: "was bad" }, { episode: "id-7", since: START });

  it("what was not seen since the restart reads stale, until an event of it arrives", () => {
    const foreign = envelope(8, { origin: "origin-b", status: "ok" });
    const board = boardOf([
      row("promise/a", bad),
      row("promise/b", bad),
      row("promise/c", foreign, { origin: "origin-b" }),
    ]);
    expect(board.find("promise/a")[0]).toMatchObject({
      status: "unknown",
      message: "was bad",
      stale: `not seen since the restart at ${START}`,
      episode: "id-7",
    });
    expect(board.find("promise/c")[0]).toMatchObject({ status: "ok", stale: null });
    apply(board, { type: "promise.registered", subject: "promise/a", status: "critical" });
    describeAs(board, "promise/a", { title: "A" });
    expect(board.find("promise/a")[0]?.stale).not.toBeNull();
    seq = 8;
    apply(board, { subject: "promise/a", status: "critical" });
    expect(board.find("promise/a")[0]).toMatchObject({ status: "critical", stale: null });
    expect(board.find("promise/b")[0]?.stale).not.toBeNull();
  });

  it("a beat is as good as an event, and counts as seen", async () => {
    const board = boardOf([row("promise/a", bad)]);
    const cell = board.freshness(OWN, "promises", "promise/a");
    const { version } = board;
    await clock.advance(1000);
    cell.seen = clock.now();
    expect(board.version).toBeGreaterThan(version);
    expect(board.find("promise/a")[0]).toMatchObject({
      status: "critical",
      stale: null,
      seen: "2026-01-01T00:00:01.000Z",
    });
    expect(cell.seen).toBe(Date.parse(START) + 1000);
  });

  it("beats of a trusted subject show within seconds, without a new board for each", async () => {
    const board = boardOf();
    apply(board, { status: "ok" });
    const cell = board.freshness(OWN, "promises", "promise/a");
    const shown = board.subjects()[0];
    const { version } = board;
    await clock.advance(1000);
    cell.seen = clock.now();
    expect(board.version).toBe(version);
    expect(board.subjects()[0]).toBe(shown);
    await clock.advance(5000);
    expect(board.version).toBeGreaterThan(version);
    expect(board.subjects()[0]?.seen).toBe("2026-01-01T00:00:01.000Z");
    const settled = board.version;
    await clock.advance(5000);
    expect(board.version).toBe(settled);
  });

  it("a cell given before the first event belongs to the subject", async () => {
    const board = boardOf();
    const cell = board.freshness(OWN, "promises", "promise/a");
    expect(board.subjects()).toEqual([]);
    expect(board.find("promise/a")).toEqual([]);
    apply(board, { type: "promise.registered", status: "unknown" });
    board.distrust("promises", "crashed");
    board.distrust("promises", null);
    expect(board.subjects()[0]?.stale).toBe("crashed");
    cell.seen = clock.now();
    expect(board.subjects()[0]?.stale).toBeNull();
  });

  it("a cell outlives the retirement of its subject", () => {
    const board = boardOf();
    apply(board, { status: "ok" });
    const cell = board.freshness(OWN, "promises", "promise/a");
    apply(board, { type: "subject.retired" });
    cell.seen = clock.now();
    expect(board.subjects()).toEqual([]);
    apply(board, { status: "ok" });
    board.distrust("promises", "crashed");
    board.distrust("promises", null);
    cell.seen = clock.now();
    expect(board.subjects()[0]?.stale).toBeNull();
  });

  it("a crashed source's subjects read unknown without any event, and trust comes back one by one", () => {
    const board = boardOf();
    for (const subject of ["promise/a", "promise/b"]) apply(board, { subject, status: "ok" });
    apply(board, { subject: "promise/a", status: "ok", source: "other" });
    apply(board, { subject: "promise/a", status: "ok", origin: "origin-b" });
    const { version } = board;
    const stale = () => board.subjects().filter((state) => state.stale !== null);
    board.distrust("promises", "the source crashed");
    expect(board.version).toBeGreaterThan(version);
    expect(stale().map(({ status, stale: why, origin, source }) => [status, why, origin, source])).toEqual([
      ["unknown", "the source crashed", OWN, "promises"],
      ["unknown", "the source crashed", OWN, "promises"],
    ]);
    apply(board, { subject: "promise/c", status: "ok" });
    expect(stale()).toHaveLength(3);
    board.distrust("promises", null);
    expect(stale().map(({ subject }) => subject)).toEqual(["promise/a", "promise/b"]);
    apply(board, { subject: "promise/a", status: "ok" });
    expect(stale().map(({ subject }) => subject)).toEqual(["promise/b"]);
  });

  it("saying again that a source works, or why it does not, makes no new board", () => {
    const board = boardOf();
    apply(board, { status: "ok" });
    board.distrust("promises", "crashed");
    const { version } = board;
    board.distrust("promises", "crashed");
    board.distrust("other", null);
    expect(board.version).toBe(version);
  });

  it("while results cannot be kept all own subjects read unknown, whatever is seen, and then each is as it was", () => {
    const board = boardOf();
    apply(board, { subject: "promise/a", status: "ok" });
    apply(board, { subject: "vim/a", status: "ok", source: "vim" });
    apply(board, { subject: "promise/a", status: "ok", origin: "origin-b" });
    const cell = board.freshness(OWN, "promises", "promise/a");
    const stale = () => board.subjects().map(({ origin, status, stale: why }) => [origin, status, why]);
    const before = stale();
    let { version } = board;
    board.distrustAll("results cannot be kept: disk full");
    expect(board.version).toBeGreaterThan(version);
    const unknown = [
      [OWN, "unknown", "results cannot be kept: disk full"],
      ["origin-b", "ok", null],
      [OWN, "unknown", "results cannot be kept: disk full"],
    ];
    expect(stale()).toEqual(unknown);
    cell.seen = clock.now();
    apply(board, { subject: "vim/a", status: "ok", source: "vim" });
    expect(stale()).toEqual(unknown);
    version = board.version;
    board.distrustAll("results cannot be kept: disk full");
    expect(board.version).toBe(version);
    board.distrust("vim", "crashed");
    board.distrustAll(null);
    expect(stale()).toEqual([...before.slice(0, 2), [OWN, "unknown", "crashed"]]);
  });

  it("what a monitor covers can be doubted and trusted again by a glob", () => {
    const board = boardOf();
    for (const subject of ["k8s/zz/a", "k8s/zz/b", "k8s/yy/a"])
      apply(board, { subject, status: "ok", source: "k8s" });
    const stale = () => board.subjects().filter((state) => state.stale !== null);
    board.distrustSubjects("k8s", compileGlob("k8s/zz/*"), "the watch stalled");
    expect(stale().map(({ subject, stale: why }) => [subject, why])).toEqual([
      ["k8s/zz/a", "the watch stalled"],
      ["k8s/zz/b", "the watch stalled"],
    ]);
    board.distrustSubjects("k8s", compileGlob("k8s/zz/*"), null);
    expect(stale()).toEqual([]);
  });

  it("a deleted or unregistered monitor leaves its subject stale, of another origin too", () => {
    const board = boardOf();
    apply(board, { status: "ok", origin: "origin-b" });
    apply(board, {
      origin: "origin-b",
      type: "promise.monitor_deleted",
      status: "ok",
      message: "no beat for 30 s",
    });
    expect(board.subjects()[0]).toMatchObject({ status: "unknown", stale: "no beat for 30 s" });
    apply(board, { status: "ok", origin: "origin-b" });
    expect(board.subjects()[0]?.stale).toBeNull();
    apply(board, { origin: "origin-b", type: "promise.unregistered", status: "ok" });
    expect(board.subjects()[0]?.stale).toMatch(/no longer monitored/);
  });
});

describe("a hundred thousand subjects", () => {
  it("are listed, updated one at a time and listed again without rebuilding them all", () => {
    const total = 100_000;
    const rows = Array.from({ length: total }, (_, i) => row(`vim/${(i * 7919) % total}`, envelope(i + 1)));
    const board = boardOf(rows);
    const first = board.subjects();
    expect(first).toHaveLength(total);
    seq = total;
    apply(board, { subject: "vim/5", status: "critical" });
    apply(board, { subject: "vim/new", status: "ok" });
    const second = board.subjects();
    expect(second).toHaveLength(total + 1);
    const known = new Set(first);
    expect(second.filter((state) => !known.has(state)).map(({ subject }) => subject)).toEqual([
      "vim/5",
      "vim/new",
    ]);
  });
});
