import { describe, expect, it } from "vitest";
import type { ForeignDraft } from "../../../../src/plugin/index.ts";
import { envelope } from "./envelopes.ts";
import { draft, intakeHarness, sourceOf } from "./harness.ts";

/** Whether a promise has settled by now. */
async function settled(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol("pending");
  await new Promise((resolve) => setImmediate(resolve));
  return (await Promise.race([promise.catch(() => {}), Promise.resolve(pending)])) !== pending;
}

const many = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => draft({ subject: `promise/${from + i}` }));

const foreignDraft = (id: string, rest: Partial<ForeignDraft> = {}): ForeignDraft => ({
  ...envelope(1).event,
  id,
  origin: "origin-b",
  source: "vims",
  type: "vim.lost",
  subject: "vim/1",
  ...rest,
});

describe("accept", () => {
  it("resolves when the journal holds the events and the bus has published them", async () => {
    const { intake, journal, published } = intakeHarness();
    journal.hold();
    const accepted = intake.accept(sourceOf(), many(3));
    expect(await settled(accepted)).toBe(false);
    journal.release();
    expect(await accepted).toEqual({ accepted: 3, duplicates: 0 });
    expect(published).toHaveLength(3);
    expect(await intake.accept(sourceOf(), [])).toEqual({ accepted: 0, duplicates: 0 });
  });

  it("takes all or nothing", async () => {
    const { intake, journal, drain } = intakeHarness();
    await expect(intake.accept(sourceOf(), [...many(2), draft({ type: "nope" })])).rejects.toMatchObject({
      code: "EVENT_INVALID",
      message: expect.stringMatching(/source promises, event nope: type/),
    });
    await drain();
    expect(journal.envelopes).toEqual([]);
    expect(intake.books("promises")).toMatchObject({ received: 3, dropped: { invalid: 3 } });
  });

  it("waits for room, in order, and lets everybody in as it comes", async () => {
    const { intake, journal, published } = intakeHarness({ limits: { intakeQueue: 10 } });
    const order: string[] = [];
    const from = (name: string, count: number) =>
      intake.accept(sourceOf({ name }), many(count)).then(() => order.push(name));
    journal.hold();
    const all = [from("a", 8), from("b", 5), from("c", 1), from("d", 100), from("e", 2)];
    expect(await settled(Promise.race(all))).toBe(false);
    expect(intake.load().events).toBe(8);
    journal.release();
    await Promise.all(all);
    expect(order).toEqual(["a", "b", "c", "d", "e"]);
    expect(published.map(({ event }) => event.source).join("")).toBe(
      `${"a".repeat(8)}${"b".repeat(5)}c${"d".repeat(100)}ee`,
    );
    expect(published.map(({ seq }) => seq)).toEqual(published.map((_, i) => i + 1));
    expect(intake.load()).toEqual({ events: 0, bytes: 0 });
  });

  it("waits without a place being taken from those who cannot wait, and the other way round", async () => {
    const { intake, journal, drain } = intakeHarness({ limits: { intakeQueue: 4 } });
    journal.hold();
    for (let i = 0; i < 10; i++) intake.offer(sourceOf({ name: "stream" }), draft());
    const first = intake.accept(sourceOf(), many(4));
    const second = intake.accept(sourceOf(), many(4));
    expect(intake.books("stream").dropped.overflow).toBe(6);
    expect(intake.load().events).toBe(8);
    journal.release();
    expect(await first).toEqual({ accepted: 4, duplicates: 0 });
    expect(await second).toEqual({ accepted: 4, duplicates: 0 });
    await drain();
  });

  it("of a source that stops while it waits for room is given up with the reason, and its place in turn too", async () => {
    const { intake, journal } = intakeHarness({ limits: { intakeQueue: 2 } });
    const life = new AbortController();
    journal.hold();
    const first = intake.accept(sourceOf(), many(2));
    const waiting = intake.accept(sourceOf({ signal: life.signal }), many(2));
    const third = intake.accept(sourceOf(), many(1));
    life.abort(new Error("stopped"));
    await expect(waiting).rejects.toThrow("stopped");
    await expect(intake.accept(sourceOf({ signal: life.signal }), many(1))).rejects.toThrow("stopped");
    journal.release();
    await Promise.all([first, third]);
    expect(journal.envelopes).toHaveLength(3);
  });

  it("that the journal is about to commit is still acknowledged after the source was told to stop", async () => {
    const { intake, journal, clock } = intakeHarness();
    const life = new AbortController();
    journal.hold();
    const accepted = intake.accept(sourceOf({ signal: life.signal }), many(1));
    await expect.poll(() => journal.appends.length).toBe(1);
    life.abort(new Error("stopped"));
    await clock.advance(400);
    journal.release();
    expect(await accepted).toEqual({ accepted: 1, duplicates: 0 });
    expect(clock.pending).toBe(0);
  });

  it("does not keep a source from stopping when the journal cannot commit", async () => {
    const { intake, journal, clock } = intakeHarness();
    const life = new AbortController();
    journal.hold();
    const accepted = intake.accept(sourceOf({ signal: life.signal }), many(1));
    const outcome = expect(accepted).rejects.toThrow("stopped");
    life.abort(new Error("stopped"));
    await clock.advance(1000);
    await outcome;
  });

  it("rejects when the journal closes", async () => {
    const { intake, journal } = intakeHarness();
    journal.hold();
    const accepted = intake.accept(sourceOf(), many(1));
    journal.close(new Error("journal closed"));
    await expect(accepted).rejects.toThrow("journal closed");
  });

  it("refuses more new subjects than there may be, and takes none of them", async () => {
    const { intake, journal, drain } = intakeHarness({ limits: { subjects: 3 } });
    await expect(intake.accept(sourceOf(), many(4))).rejects.toMatchObject({ code: "SUBJECTS_FULL" });
    expect(await intake.accept(sourceOf(), [...many(3), ...many(3)])).toMatchObject({ accepted: 6 });
    await drain();
    expect(journal.envelopes).toHaveLength(6);
  });

  it("records what lifeguard says about itself with its checkpoint, however many subjects there are", async () => {
    const { intake, journal, published } = intakeHarness({ limits: { subjects: 1 } });
    await intake.accept(sourceOf(), many(1));
    journal.hold();
    const draftOf = (key: string) => ({
      type: "lifeguard.silence.began",
      subject: `silence/${key}`,
      status: "ok" as const,
      message: "silenced",
      checkpoint: { [key]: "kept" },
    });
    const recorded = intake.record([draftOf("a"), draftOf("b")]);
    expect(await settled(recorded)).toBe(false);
    journal.release();
    await recorded;
    expect(published.slice(1).map(({ event }) => [event.source, event.subject])).toEqual([
      ["lifeguard", "silence/a"],
      ["lifeguard", "silence/b"],
    ]);
    expect(journal.state("source/lifeguard", "")).toEqual([
      ["a", "kept"],
      ["b", "kept"],
    ]);
  });

  it("counts duplicates, and waits for those that are not committed yet", async () => {
    const { intake, journal } = intakeHarness();
    journal.hold();
    const first = intake.accept(sourceOf(), [draft({ id: "fact-1" })]);
    await expect.poll(() => journal.appends.length).toBe(1);
    const second = intake.accept(sourceOf(), [draft({ id: "fact-1" })]);
    expect(await settled(second)).toBe(false);
    journal.release();
    expect(await first).toEqual({ accepted: 1, duplicates: 0 });
    expect(await second).toEqual({ accepted: 0, duplicates: 1 });
    expect(await intake.accept(sourceOf(), [draft({ id: "fact-1" }), draft({ id: "fact-2" })])).toEqual({
      accepted: 1,
      duplicates: 1,
    });
  });
});

describe("foreign events", () => {
  it("keep id, time, origin and source, get a seq and transitions here, and are taken once", async () => {
    const { intake, published } = intakeHarness();
    const relay = sourceOf({ name: "relay", labels: { via: "relay" } });
    const lost = foreignDraft("f1", { status: "critical", checkpoint: { token: "x-1" } });
    expect(await intake.accept(relay, [lost], { foreign: true })).toEqual({ accepted: 1, duplicates: 0 });
    expect(await intake.accept(relay, [lost], { foreign: true })).toEqual({ accepted: 0, duplicates: 1 });
    expect(published).toHaveLength(1);
    expect(published[0]).toMatchObject({
      seq: 1,
      change: true,
      episode: "f1",
      event: { id: "f1", origin: "origin-b", source: "vims", labels: { via: "relay" } },
    });
  });

  it("have transitions apart from other origins and sources with the same subject", async () => {
    const { intake, published } = intakeHarness();
    const relay = sourceOf({ name: "relay" });
    const foreign = [
      foreignDraft("1", { status: "critical" }),
      foreignDraft("2", { status: "critical", origin: "origin-c" }),
      foreignDraft("3", { status: "critical", source: "others" }),
      foreignDraft("4", { status: "critical" }),
    ];
    await intake.accept(relay, foreign, { foreign: true });
    expect(published.map(({ change, episode }) => [change, episode])).toEqual([
      [true, "1"],
      [true, "2"],
      [true, "3"],
      [false, "1"],
    ]);
  });

  it("that began their way here come back as seen", async () => {
    const { intake, published } = intakeHarness();
    await intake.accept(sourceOf(), [draft()]);
    const [mine] = published;
    const relay = sourceOf({ name: "relay" });
    const back = [{ ...(mine as (typeof published)[number]).event }];
    expect(await intake.accept(relay, back, { foreign: true })).toEqual({ accepted: 0, duplicates: 1 });
    expect(published).toHaveLength(1);
  });

  it("describe and retire their subjects here", async () => {
    const { intake, journal } = intakeHarness();
    const relay = sourceOf({ name: "relay" });
    const described = foreignDraft("1", {
      type: "subject.described",
      data: { title: "VIM 1", resources: [{ name: "log", path: "/log", public: false }] },
    });
    await intake.accept(relay, [described], { foreign: true });
    expect(journal.subjects()).toMatchObject([{ origin: "origin-b", description: { title: "VIM 1" } }]);
    expect(journal.subjects()[0]?.description).not.toHaveProperty("resources");
    await intake.accept(relay, [foreignDraft("2", { type: "subject.retired" })], { foreign: true });
    expect(journal.subjects()).toEqual([]);
  });

  it("of housekeeping carry the status that stands here, or their own where none does", async () => {
    const { intake, published } = intakeHarness();
    const relay = sourceOf({ name: "relay" });
    const measured = (id: string) => foreignDraft(id, { type: "vim.measured", status: "ok" });
    const lost = foreignDraft("2", { status: "critical" });
    await intake.accept(relay, [measured("1"), lost, measured("3")], { foreign: true });
    expect(published.map(({ event, change }) => [event.status, change])).toEqual([
      ["ok", false],
      ["critical", true],
      ["critical", false],
    ]);
  });
});
