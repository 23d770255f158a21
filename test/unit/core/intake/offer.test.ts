import { describe, expect, it } from "vitest";
import type { SourceBooks } from "../../../../src/core/intake/books.ts";
import type { IntakeSource } from "../../../../src/core/intake/intake-source.ts";
import { type EventDraft, z } from "../../../../src/plugin/index.ts";
import { fc } from "../../../support/property.ts";
import { draft, intakeHarness, sourceOf } from "./harness.ts";
import { MemoryJournal } from "./memory-journal.ts";

const droppedOf = ({ dropped }: Readonly<SourceBooks>) =>
  Object.values(dropped).reduce((sum, count) => sum + count, 0);

describe("what is offered", () => {
  it("becomes envelopes in order, in the journal before they are on the bus", async () => {
    const { intake, journal, published, drain } = intakeHarness();
    const source = sourceOf();
    journal.hold();
    for (const status of ["ok", "critical", "ok"] as const) intake.offer(source, draft({ status }));
    await expect.poll(() => journal.appends.length).toBe(1);
    expect(published).toEqual([]);
    expect(intake.load().events).toBe(3);
    journal.release();
    await drain();
    expect(published.map(({ seq, change, event }) => [seq, change, event.status])).toEqual([
      [1, false, "ok"],
      [2, true, "critical"],
      [3, true, "ok"],
    ]);
    expect(published).toEqual(journal.envelopes);
    expect(intake.load()).toEqual({ events: 0, bytes: 0 });
    const [first] = published;
    expect(first?.event.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    expect(first?.received).toBe("2026-01-01T00:00:00.000Z");
    expect(first?.event.state).toBe("OK");
  });

  it("of one turn of the event loop shares an append, with one row a subject", async () => {
    const { intake, journal, drain } = intakeHarness();
    for (let i = 0; i < 10; i++) intake.offer(sourceOf(), draft({ subject: `promise/${i % 2}` }));
    await drain();
    expect(journal.appends).toHaveLength(1);
    expect(journal.appends[0]?.events).toHaveLength(10);
    expect(journal.appends[0]?.subjects?.map(({ latest }) => latest?.seq)).toEqual([9, 10]);
  });

  it("goes on after the journal's head, in the episode that stands, over a restart", async () => {
    const journal = new MemoryJournal();
    const before = intakeHarness({ journal });
    before.intake.offer(sourceOf(), draft({ status: "critical" }));
    await before.drain();
    const after = intakeHarness({ journal });
    expect(after.intake.standing(sourceOf(), "promise/a")).toMatchObject({ status: "critical" });
    after.intake.offer(sourceOf(), draft({ status: "critical" }));
    await after.drain();
    const [opened] = before.published;
    expect(after.published).toHaveLength(1);
    expect(after.published[0]).toMatchObject({ seq: 2, change: false, episode: opened?.event.id });
  });

  it("without a status carries the one that stands", async () => {
    const { intake, published, drain } = intakeHarness();
    const source = sourceOf();
    intake.offer(source, draft({ status: "warning" }));
    intake.offer(source, draft({ status: undefined }));
    intake.offer(source, draft({ status: "ok", type: "promise.measured" }));
    await drain();
    expect(published.map(({ event, change }) => [event.status, event.state, change])).toEqual([
      ["warning", "WARNING", true],
      ["warning", "WARNING", false],
      ["warning", "WARNING", false],
    ]);
  });

  it("knows what stands at once, before it is committed", () => {
    const { intake, journal } = intakeHarness();
    journal.hold();
    expect(intake.standing(sourceOf(), "promise/a")).toBeUndefined();
    intake.offer(sourceOf(), draft({ type: "promise.measured" }));
    expect(intake.standing(sourceOf(), "promise/a")).toBeUndefined();
    intake.offer(sourceOf(), draft({ status: "critical", state: "BAD" }));
    expect(intake.standing(sourceOf(), "promise/a")).toMatchObject({ status: "critical", state: "BAD" });
  });

  it("writes a checkpoint in the event's own append", async () => {
    const { intake, journal, drain } = intakeHarness();
    intake.offer(sourceOf(), draft({ checkpoint: { at: 7, gone: null } }));
    await drain();
    expect(journal.appends).toHaveLength(1);
    expect(journal.appends[0]?.state).toEqual([
      { owner: "source/promises", key: "at", value: 7 },
      { owner: "source/promises", key: "gone", value: null },
    ]);
  });
});

describe("a bad draft", () => {
  it("is dropped, counted, logged once for its source and reason, and told by an event", async () => {
    const { intake, published, warnings, metrics, clock, drain } = intakeHarness();
    const source = sourceOf();
    for (let i = 0; i < 5; i++) intake.offer(source, draft({ subject: `nonsense ${i}` }));
    intake.offer(source, draft({ message: 7 as never }));
    intake.offer(source, draft());
    await drain();
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toMatch(/source promises, event promise.checked: subject: .*nonsense 0/);
    const told = published.filter(({ event }) => event.type === "lifeguard.event.refused");
    expect(told.map(({ event, change }) => [event.source, event.subject, event.data, change])).toEqual([
      ["lifeguard", "source/promises", { source: "promises", reason: "subject", count: 1 }, false],
      ["lifeguard", "source/promises", { source: "promises", reason: "message", count: 1 }, false],
    ]);
    expect(intake.books("promises")).toMatchObject({ received: 7, accepted: 1, dropped: { invalid: 6 } });
    await expect.poll(() => metrics.get("intake_dropped_total promises invalid")).toBe(6);
    expect(metrics.get("intake_received_total promises")).toBe(7);
    expect(metrics.get("intake_accepted_total promises")).toBe(1);
    await clock.advance(60_000);
    intake.offer(source, draft({ subject: "nonsense again" }));
    await drain();
    expect(published.at(-1)?.event.data).toEqual({ source: "promises", reason: "subject", count: 5 });
    expect(warnings).toHaveLength(3);
  });

  it("never throws at who offers it, whatever the schema does", async () => {
    const { intake, drain } = intakeHarness();
    const trap = z.any().refine(() => {
      throw new Error("trap");
    });
    intake.offer(sourceOf({ events: new Map([["promise.checked", trap]]) }), draft({ data: 1 }));
    await drain();
    expect(intake.books("promises").dropped.invalid).toBe(1);
  });
});

describe("overflow", () => {
  it("drops what finds no room, logs once, and tells by one event with the counts when there is room", async () => {
    const { intake, journal, published, warnings, metrics, drain } = intakeHarness({
      limits: { intakeQueue: 10 },
    });
    const [a, b] = [sourceOf({ name: "a" }), sourceOf({ name: "b" })];
    journal.hold();
    for (let i = 0; i < 30; i++) intake.offer(i % 3 === 0 ? b : a, draft());
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/intake is full/);
    await expect.poll(() => metrics.get("intake_dropped_total a overflow")).toBeGreaterThan(0);
    expect(published).toEqual([]);
    journal.release();
    await drain();
    const told = published.filter(({ event }) => event.source === "lifeguard");
    expect(told).toHaveLength(1);
    expect(told[0]?.event).toMatchObject({
      type: "lifeguard.intake.overflow",
      data: { count: 20, sources: { a: 14, b: 6 } },
    });
    expect(intake.books("a")).toMatchObject({ received: 20, accepted: 6, dropped: { overflow: 14 } });
    expect(intake.books("b")).toMatchObject({ received: 10, accepted: 4, dropped: { overflow: 6 } });
    intake.offer(a, draft());
    await drain();
    expect(published.at(-1)?.event.source).toBe("a");
    expect(warnings).toHaveLength(1);
  });

  it("is bounded by bytes as well", async () => {
    const { intake, journal, drain } = intakeHarness({ limits: { intakeBytes: 5000 } });
    journal.hold();
    for (let i = 0; i < 10; i++) intake.offer(sourceOf(), draft({ data: "x".repeat(1000) }));
    expect(intake.books("promises").dropped.overflow).toBe(7);
    expect(intake.load().bytes).toBeLessThanOrEqual(5000);
    journal.release();
    await drain();
    expect(intake.load()).toEqual({ events: 0, bytes: 0 });
  });

  it("counts what is not committed yet, not only what was not appended", async () => {
    const { intake, journal } = intakeHarness({ limits: { intakeQueue: 4 } });
    journal.hold();
    for (let i = 0; i < 3; i++) intake.offer(sourceOf(), draft());
    await expect.poll(() => journal.appends.length).toBe(1);
    for (let i = 0; i < 3; i++) intake.offer(sourceOf(), draft());
    expect(intake.books("promises").dropped.overflow).toBe(2);
  });

  it("never drops a draft with a checkpoint", async () => {
    const { intake, journal, published, drain } = intakeHarness({ limits: { intakeQueue: 2 } });
    journal.hold();
    for (let i = 0; i < 5; i++) intake.offer(sourceOf(), draft({ checkpoint: { at: i } }));
    intake.offer(sourceOf(), draft());
    expect(intake.books("promises").dropped.overflow).toBe(1);
    journal.release();
    await drain();
    expect(published.filter(({ event }) => event.source === "promises")).toHaveLength(5);
  });

  it("that comes and goes is told at most once a second, and in full", async () => {
    const { intake, journal, published, clock, drain } = intakeHarness({ limits: { intakeQueue: 2 } });
    const told = () => published.filter(({ event }) => event.type === "lifeguard.intake.overflow");
    for (let round = 0; round < 3; round++) {
      journal.hold();
      for (let i = 0; i < 5; i++) intake.offer(sourceOf(), draft());
      journal.release();
      await drain();
    }
    expect(told().map(({ event }) => event.data)).toMatchObject([{ count: 3 }]);
    await clock.advance(1000);
    await drain();
    expect(told().map(({ event }) => event.data)).toMatchObject([{ count: 3 }, { count: 6 }]);
    expect(clock.pending).toBe(0);
  });

  it("keeps the books: received = accepted + duplicates + dropped, however it goes", async () => {
    const kind = fc.constantFrom("plain", "checkpoint", "bad", "own id", "commit", "stall");
    await fc.assert(
      fc.asyncProperty(
        fc.array(kind, { maxLength: 60 }),
        fc.integer({ min: 1, max: 8 }),
        async (steps, queue) => {
          const { intake, journal, published, drain } = intakeHarness({ limits: { intakeQueue: queue } });
          const source = sourceOf();
          let offered = 0;
          for (const [i, step] of steps.entries()) {
            if (step === "commit") {
              journal.release();
              await drain();
            } else if (step === "stall") journal.hold();
            else {
              offered++;
              const special: Record<string, Partial<EventDraft>> = {
                checkpoint: { checkpoint: { i } },
                bad: { type: "nope" },
                "own id": { id: `id-${i % 3}` },
              };
              intake.offer(source, draft(special[step] ?? {}));
            }
          }
          journal.release();
          await drain();
          const books = intake.books("promises");
          expect(books.received).toBe(offered);
          expect(books.accepted + books.duplicates + droppedOf(books)).toBe(offered);
          const own = published.filter(({ event }) => event.source === "promises");
          expect(own).toHaveLength(books.accepted);
          const lost = published.flatMap(({ event }) =>
            event.type === "lifeguard.intake.overflow" ? [(event.data as { count: number }).count] : [],
          );
          if (books.dropped.overflow > 0) expect(lost.length).toBeGreaterThan(0);
          expect(published.map(({ seq }) => seq)).toEqual(published.map((_, i) => i + 1));
          expect(intake.load()).toEqual({ events: 0, bytes: 0 });
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe("the bound on subjects", () => {
  it("refuses new ones beyond it, tells, and takes them again when others were retired", async () => {
    const { intake, published, drain } = intakeHarness({ limits: { subjects: 2 } });
    const source = sourceOf();
    for (const subject of ["promise/a", "promise/b", "promise/c", "promise/a"])
      intake.offer(source, draft({ subject }));
    await drain();
    expect(intake.books("promises")).toMatchObject({ accepted: 3, dropped: { subjects: 1 } });
    expect(published.filter(({ event }) => event.type === "lifeguard.event.refused")).toHaveLength(1);
    intake.describe(source, "promise/a", null);
    intake.offer(source, draft({ subject: "promise/c" }));
    await drain();
    // The event about the refusal is of a subject of its own, which no bound refuses.
    expect(intake.books("promises").dropped.subjects).toBe(2);
    intake.describe(source, "promise/b", null);
    intake.offer(source, draft({ subject: "promise/c" }));
    await drain();
    expect(intake.books("promises")).toMatchObject({ accepted: 6, dropped: { subjects: 2 } });
  });
});

describe("events seen twice", () => {
  it("are taken once, by their own id, committed or not, and over a restart", async () => {
    const { intake, journal, published, drain } = intakeHarness();
    journal.hold();
    intake.offer(sourceOf(), draft({ id: "fact-1" }));
    intake.offer(sourceOf(), draft({ id: "fact-1", status: "critical" }));
    journal.release();
    await drain();
    intake.offer(sourceOf(), draft({ id: "fact-1" }));
    await drain();
    expect(published.map(({ event }) => [event.id, event.status])).toEqual([["fact-1", "ok"]]);
    expect(intake.books("promises")).toMatchObject({ received: 3, accepted: 1, duplicates: 2 });
    const again = intakeHarness({ journal });
    again.intake.offer(sourceOf(), draft({ id: "fact-1" }));
    await again.drain();
    expect(again.published).toEqual([]);
  });

  it("still move the checkpoint that came with them", async () => {
    const { intake, journal, drain } = intakeHarness();
    intake.offer(sourceOf(), draft({ id: "fact-1", checkpoint: { at: 1 } }));
    await drain();
    intake.offer(sourceOf(), draft({ id: "fact-1", checkpoint: { at: 2 } }));
    await drain();
    expect(journal.state("source/promises", "at")).toEqual([["at", 2]]);
    expect(journal.envelopes).toHaveLength(1);
  });
});

describe("descriptions", () => {
  const typesOf = (published: ReturnType<typeof intakeHarness>["published"]) =>
    published.map(({ event }) => event.type);

  it("make an event only when they differ from what stands, over a restart too", async () => {
    const { intake, journal, published, drain } = intakeHarness();
    const source = sourceOf();
    intake.describe(source, "promise/a", { title: "A", public: true });
    intake.describe(source, "promise/a", { public: true, title: "A" });
    await drain();
    intake.describe(source, "promise/a", { title: "A", public: true, group: undefined });
    await drain();
    expect(typesOf(published)).toEqual(["subject.described"]);
    expect(published[0]?.event.data).toEqual({ title: "A", public: true });
    const again = intakeHarness({ journal });
    again.intake.describe(source, "promise/a", { title: "A", public: true });
    again.intake.describe(source, "promise/a", { title: "B" });
    await again.drain();
    expect(again.published.map(({ event }) => event.data)).toEqual([{ title: "B" }]);
  });

  it("retire a subject once, and only one that stands", async () => {
    const { intake, journal, published, drain } = intakeHarness();
    const source = sourceOf();
    intake.describe(source, "promise/a", null);
    intake.offer(source, draft({ status: "critical" }));
    intake.describe(source, "promise/a", null);
    intake.describe(source, "promise/a", null);
    await drain();
    expect(typesOf(published)).toEqual(["promise.checked", "subject.retired"]);
    expect(published[1]).toMatchObject({ change: false, event: { status: "critical" } });
    expect(published[1]?.episode).toBe(published[0]?.event.id);
    expect(journal.subjects()).toEqual([]);
    intake.describe(source, "promise/a", { title: "A" });
    await drain();
    expect(typesOf(published).at(-1)).toBe("subject.described");
  });

  it("retire all subjects of a source that is no longer configured, and of no other", async () => {
    const { intake, journal, drain } = intakeHarness();
    for (const name of ["a", "b"])
      for (const subject of ["x/1", "x/2"]) intake.offer(sourceOf({ name }), draft({ subject }));
    intake.retireAll(sourceOf({ name: "a" }));
    await drain();
    expect(journal.subjects().map(({ source, subject }) => [source, subject])).toEqual([
      ["b", "x/1"],
      ["b", "x/2"],
    ]);
  });

  it("that find no room wait, the last of each subject, and are not dropped", async () => {
    const { intake, journal, published, drain } = intakeHarness({ limits: { intakeQueue: 2 } });
    const source = sourceOf();
    journal.hold();
    intake.offer(source, draft());
    intake.offer(source, draft());
    for (let i = 0; i < 20; i++) {
      intake.describe(source, `promise/${i}`, { title: "old" });
      intake.describe(source, `promise/${i}`, { title: `new ${i}` });
    }
    intake.describe(source, "promise/0", null);
    journal.release();
    await drain();
    const described = published.filter(({ event }) => event.type === "subject.described");
    expect(described.map(({ event }) => event.data)).toEqual(
      Array.from({ length: 19 }, (_, i) => ({ title: `new ${i + 1}` })),
    );
    expect(intake.books("promises")).toMatchObject({ received: 21, accepted: 21, dropped: { overflow: 0 } });
  });

  it("of a wrong form are refused and told", async () => {
    const { intake, warnings, drain } = intakeHarness();
    intake.describe(sourceOf(), "promise/a", { title: 7 as never });
    await drain();
    expect(warnings[0]).toMatch(/data.title/);
    expect(intake.books("promises")).toMatchObject({ received: 1, dropped: { invalid: 1 } });
  });
});

describe("what monitors say", () => {
  it("waits where there is no room: the last verdict of each subject, and each kind of housekeeping, as of when it was said", async () => {
    const { intake, journal, published, clock, drain } = intakeHarness({ limits: { intakeQueue: 2 } });
    const source = sourceOf();
    const say = (n: number, more: Partial<EventDraft>) =>
      intake.report(source, draft({ subject: `promise/${n}`, ...more }), "core");
    journal.hold();
    intake.offer(source, draft());
    intake.offer(source, draft());
    for (let n = 0; n < 20; n++) {
      say(n, { type: "promise.registered", status: undefined });
      say(n, { status: "ok", message: "was well" });
      say(n, { status: "critical", message: "is down" });
    }
    const said = new Date(clock.now()).toISOString();
    await clock.advance(5000);
    journal.release();
    await drain();
    const heard = published
      .slice(2)
      .map(({ event }) => [event.subject, event.type, event.message, event.time]);
    const expected = Array.from({ length: 20 }, (_, n) => [
      [`promise/${n}`, "promise.registered", draft().message, said],
      [`promise/${n}`, draft().type, "is down", said],
    ]).flat();
    expect(heard.toSorted()).toEqual(expected.toSorted());
    expect(intake.books("promises")).toMatchObject({ received: 42, accepted: 42, dropped: { overflow: 0 } });
  });

  it("does not bring a subject back that was retired before anything was told of it", async () => {
    const { intake, journal, published, drain } = intakeHarness({ limits: { intakeQueue: 2 } });
    const source = sourceOf();
    journal.hold();
    for (let n = 0; n < 2; n++) intake.offer(source, draft({ subject: "promise/other" }));
    const about = { subject: "promise/short", status: undefined };
    intake.report(source, draft({ ...about, type: "promise.registered" }), "core");
    intake.report(source, draft({ subject: "promise/short" }), "source");
    intake.report(source, draft({ ...about, type: "promise.unregistered" }), "core");
    intake.describe(source, "promise/short", null);
    journal.release();
    await drain();
    expect(published.some(({ event }) => event.subject === "promise/short")).toBe(false);
    expect(journal.subjects().map(({ subject }) => subject)).not.toContain("promise/short");
  });

  it("of a known subject is told up to that it was unregistered, and then the subject goes", async () => {
    const { intake, journal, published, drain } = intakeHarness({ limits: { intakeQueue: 4 } });
    const source = sourceOf();
    intake.report(source, draft({ subject: "promise/known" }), "source");
    await drain();
    journal.hold();
    for (let n = 0; n < 4; n++) intake.offer(source, draft({ subject: "promise/other" }));
    intake.report(source, draft({ subject: "promise/known", status: "critical" }), "source");
    const unregistered = { subject: "promise/known", type: "promise.unregistered", status: undefined };
    intake.report(source, draft(unregistered), "core");
    intake.describe(source, "promise/known", null);
    journal.release();
    await drain();
    const told = published.filter(({ event }) => event.subject === "promise/known").slice(1);
    expect(told.map(({ event }) => event.type)).toEqual(["promise.unregistered", "subject.retired"]);
    expect(journal.subjects().map(({ subject }) => subject)).not.toContain("promise/known");
  });

  it("is not told after something newer, nor after its subject was retired", async () => {
    const { intake, journal, published, drain } = intakeHarness({ limits: { intakeQueue: 4 } });
    const source = sourceOf();
    for (const subject of ["promise/a", "promise/b"]) intake.report(source, draft({ subject }), "source");
    await drain();
    journal.hold();
    for (let n = 0; n < 4; n++) intake.offer(source, draft({ subject: "promise/c" }));
    for (const subject of ["promise/a", "promise/b"])
      intake.report(source, draft({ subject, status: "critical", message: "old" }), "source");
    intake.describe(source, "promise/b", null);
    intake.report(source, draft({ subject: "promise/a", status: "ok", message: "new" }), "source");
    journal.release();
    await drain();
    const of = (subject: string) => published.filter(({ event }) => event.subject === subject);
    expect(of("promise/a").at(-1)?.event.message).toBe("new");
    expect(published.some(({ event }) => event.subject === "promise/a" && event.message === "old")).toBe(
      false,
    );
    expect(of("promise/b").at(-1)?.event.type).toBe("subject.retired");
  });
});

describe("core", () => {
  it("speaks about monitors of a source, and about itself", async () => {
    const { intake, published, drain } = intakeHarness();
    const source: IntakeSource = sourceOf({ labels: { site: "here" } });
    intake.offer(source, draft({ type: "promise.registered", status: undefined }), "core");
    intake.tell({
      type: "lifeguard.component.failed",
      subject: "component/source/x",
      status: "critical",
      message: "down",
    });
    await drain();
    expect(published.map(({ event, change }) => [event.source, event.type, event.status, change])).toEqual([
      ["promises", "promise.registered", "unknown", false],
      ["lifeguard", "lifeguard.component.failed", "critical", true],
    ]);
    expect(published[0]?.event.labels).toEqual({ site: "here" });
  });

  it("hears when the journal closes with events under way: they are counted, and nothing hangs", async () => {
    const { intake, journal, published, warnings, drain } = intakeHarness();
    journal.hold();
    intake.offer(sourceOf(), draft());
    await expect.poll(() => journal.appends.length).toBe(1);
    journal.close(new Error("closed"));
    await drain();
    expect(published).toEqual([]);
    expect(warnings).toEqual([expect.stringMatching(/1 events were not committed.*closed/)]);
    expect(intake.books("promises")).toMatchObject({ received: 1, accepted: 0, dropped: { closed: 1 } });
  });
});
