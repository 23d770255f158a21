import { describe, expect, it } from "vitest";
import { Tracker } from "../../../../src/core/intake/tracker.ts";
import type { SubjectRow } from "../../../../src/core/journal/port.ts";
import { type Envelope, STATUSES, type Status } from "../../../../src/plugin/index.ts";
import { fc } from "../../../support/property.ts";
import { envelope } from "./envelopes.ts";

/** One step of a subject's life: a verdict, housekeeping, retirement, or a restart of the process. */
type Step = Status | "measured" | "retired" | "restart";

function play(steps: readonly Step[]): Envelope[] {
  let rows = new Map<string, SubjectRow>();
  let tracker = new Tracker([], 10);
  const envelopes: Envelope[] = [];
  for (const step of steps) {
    if (step === "restart") {
      tracker = new Tracker(structuredClone([...rows.values()]), 10);
      continue;
    }
    const seq = envelopes.length + 1;
    const housekeeping = step === "measured" || step === "retired";
    const type = step === "retired" ? "subject.retired" : `promise.${housekeeping ? "measured" : "checked"}`;
    const time = new Date(Date.UTC(2026, 0, 1) + seq * 1000).toISOString();
    const { event } = envelope(seq, { type, time, status: "ok", state: "" });
    envelopes.push(tracker.take({ ...event }, housekeeping ? null : step, seq, time));
    const { subjects, retired } = tracker.flush();
    rows = new Map(rows);
    for (const row of subjects) rows.set(row.subject, row);
    for (const key of retired) rows.delete(key.subject);
  }
  return envelopes;
}

const summary = (steps: readonly Step[]) =>
  play(steps).map(({ change, previous, episode, event }) => [event.status, change, previous, episode]);

describe("transitions", () => {
  it("a first event is a change only if it is critical or warning", () => {
    expect(summary(["ok"])).toEqual([["ok", false, null, null]]);
    expect(summary(["unknown"])).toEqual([["unknown", false, null, null]]);
    expect(summary(["critical"])).toEqual([["critical", true, null, "id-1"]]);
    expect(summary(["warning"])).toEqual([["warning", true, null, "id-1"]]);
  });

  it("one episode lasts from the first bad verdict to ok, whose envelope still carries it", () => {
    expect(summary(["ok", "warning", "critical", "critical", "ok", "ok"])).toEqual([
      ["ok", false, null, null],
      ["warning", true, "ok", "id-2"],
      ["critical", true, "warning", "id-2"],
      ["critical", false, "critical", "id-2"],
      ["ok", true, "critical", "id-2"],
      ["ok", false, "ok", null],
    ]);
  });

  it("unknown neither opens nor closes an episode", () => {
    expect(summary(["ok", "unknown", "ok"])).toEqual([
      ["ok", false, null, null],
      ["unknown", true, "ok", null],
      ["ok", true, "unknown", null],
    ]);
    expect(summary(["critical", "unknown", "critical", "unknown", "ok", "unknown", "critical"])).toEqual([
      ["critical", true, null, "id-1"],
      ["unknown", true, "critical", "id-1"],
      ["critical", true, "unknown", "id-1"],
      ["unknown", true, "critical", "id-1"],
      ["ok", true, "unknown", "id-1"],
      ["unknown", true, "ok", null],
      ["critical", true, "unknown", "id-7"],
    ]);
  });

  it("housekeeping carries the status that stands and changes nothing", () => {
    expect(summary(["measured", "critical", "measured", "ok", "measured"])).toEqual([
      ["unknown", false, null, null],
      ["critical", true, null, "id-2"],
      ["critical", false, "critical", "id-2"],
      ["ok", true, "critical", "id-2"],
      ["ok", false, "ok", null],
    ]);
  });

  it("a first verdict after registration alone is a first event", () => {
    expect(summary(["measured", "ok"])[1]).toEqual(["ok", false, null, null]);
  });

  it("retiring ends an episode without recovery, and forgets the subject", () => {
    expect(summary(["critical", "retired", "ok", "critical"])).toEqual([
      ["critical", true, null, "id-1"],
      ["critical", false, "critical", "id-1"],
      ["ok", false, null, null],
      ["critical", true, "ok", "id-4"],
    ]);
  });

  it("since is the time of the change, also over housekeeping and a restart", () => {
    const since = play(["ok", "critical", "measured", "restart", "critical", "ok"]).map((e) =>
      e.since.slice(17, 19),
    );
    expect(since).toEqual(["01", "02", "02", "02", "05"]);
  });

  it("restarts change nothing: every sequence reads the same with and without them", () => {
    const step = fc.constantFrom<Step[]>(...STATUSES, "measured", "retired");
    fc.assert(
      fc.property(fc.array(fc.tuple(step, fc.boolean()), { maxLength: 40 }), (steps) => {
        const plain = steps.map(([word]) => word);
        const restarted = steps.flatMap<Step>(([word, restart]) => (restart ? [word, "restart"] : [word]));
        expect(play(restarted)).toEqual(play(plain));
      }),
    );
  });

  it("obeys the rules of episodes for every sequence", () => {
    const step = fc.constantFrom<Step[]>(...STATUSES, "measured", "retired", "restart");
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let last: Status | null = null;
        let open: string | null = null;
        let since: string | null = null;
        const words = steps.filter((word) => word !== "restart");
        for (const [i, found] of play(steps).entries()) {
          const { status, id, time } = found.event;
          const word = words[i] as Exclude<Step, "restart">;
          expect(found.previous).toBe(last);
          if (word === "measured" || word === "retired") {
            expect([status, found.change, found.episode]).toEqual([last ?? "unknown", false, open]);
            if (word === "retired") last = open = since = null;
            continue;
          }
          expect(status).toBe(word);
          const bad = word === "critical" || word === "warning";
          expect(found.change).toBe(last === null ? bad : word !== last);
          if (open === null && bad) open = id;
          expect(found.episode).toBe(open);
          if (word === "ok") open = null;
          if (word !== last) since = time;
          expect(found.since).toBe(since);
          last = word;
        }
      }),
    );
  });
});

describe("the tracker", () => {
  it("gives the journal one row a subject and append, whatever happened in between", () => {
    const tracker = new Tracker([], 10);
    const take = (seq: number, type: string, subject: string, verdict: Status | null) =>
      tracker.take({ ...envelope(seq, { type, subject }).event }, verdict, seq, "");
    const last = [
      take(1, "promise.checked", "promise/a", "ok"),
      take(2, "promise.checked", "promise/a", "critical"),
    ];
    take(3, "promise.checked", "promise/b", "ok");
    take(4, "subject.retired", "promise/b", null);
    take(5, "promise.checked", "promise/c", "ok");
    take(6, "subject.retired", "promise/c", null);
    const again = take(7, "promise.checked", "promise/c", "ok");
    const { subjects, retired } = tracker.flush();
    expect(subjects.map(({ subject, latest }) => [subject, latest])).toEqual([
      ["promise/a", last[1]],
      ["promise/c", again],
    ]);
    expect(retired).toEqual([{ origin: "origin-a", source: "promises", subject: "promise/b" }]);
    expect(tracker.flush()).toEqual({ subjects: [], retired: [] });
    expect(tracker.room).toBe(8);
  });

  it("keeps the measures of housekeeping until the next verdict", () => {
    const tracker = new Tracker([], 10);
    const rtt = { rtt: { value: 1, unit: "ms" } };
    tracker.take({ ...envelope(1, { type: "vim.measured", measures: rtt }).event }, null, 1, "");
    tracker.take({ ...envelope(2, { type: "vim.registered" }).event }, null, 2, "");
    expect(tracker.flush().subjects[0]?.measures).toEqual(rtt);
    tracker.take({ ...envelope(3, { type: "vim.reachable" }).event }, "ok", 3, "");
    expect(tracker.flush().subjects[0]?.measures).toBeNull();
  });
});
