import { describe, expect, it } from "vitest";
import { relatedVerdict } from "../../../../../src/sinks/web/page/related-verdict.ts";
import { verdictOf } from "../../../../../src/sinks/web/page/verdict.ts";
import { type RelatedSnapshot, unheard } from "../../../../../src/sinks/web/related/snapshot.ts";
import { state } from "../context.ts";

const monitor = (title: string, parts: Partial<RelatedSnapshot> = {}) =>
  unheard({
    key: title,
    href: `http://${title}/`,
    link: undefined,
    title,
    state: "heard",
    status: "ok",
    ...parts,
  });
const dead = (title: string) => monitor(title, { state: "dead", status: "critical" });
const nobody = () => undefined;
const silence = { id: "s", kind: "silence", subjects: ["*"], labels: {}, why: "", by: "" } as const;
const everything = () => ({ ...silence, since: "2026-01-31T10:00:00Z", until: "2027" });

describe("what related monitors come to", () => {
  it.each<[string, RelatedSnapshot[], string | undefined, string | undefined]>([
    ["there are none", [], undefined, undefined],
    ["none was heard yet", [monitor("a", { state: "pending", status: "unknown" })], undefined, undefined],
    ["none is asked", [monitor("a", { state: "unasked", status: "unknown" })], undefined, undefined],
    ["one is ok", [monitor("a")], "ok", "The related monitor a is ok"],
    ["all are ok", [monitor("a"), monitor("b")], "ok", "All 2 related monitors are ok"],
    ["one of two is dead", [monitor("a"), dead("b")], "critical", "The related monitor b is dead"],
    [
      "one has a warning",
      [monitor("a", { status: "warning" })],
      "warning",
      "The related monitor a has a warning",
    ],
    [
      "several are in trouble",
      [
        monitor("a"),
        dead("b"),
        monitor("c", { status: "warning" }),
        dead("d"),
        monitor("e", { status: "unknown" }),
      ],
      "critical",
      "4 of 5 related monitors are not ok: 2 dead, 1 warning, 1 unknown",
    ],
  ])("where %s", (_, monitors, status, sentence) => {
    const verdict = relatedVerdict(monitors);
    expect(verdict?.status).toBe(status);
    expect(verdict?.sentence).toBe(sentence);
  });

  it("counts for the tab what is bad, which unknown is not", () => {
    expect(relatedVerdict([dead("a"), monitor("b", { status: "unknown" }), monitor("c")])).toMatchObject({
      bad: 1,
      trouble: 2,
    });
  });
});

describe("the verdict", () => {
  const well = [state("promise/a"), state("promise/b")];
  const sick = [...well, state("promise/c", { status: "critical" })];

  it("is that of the services while the related monitors are ok", () => {
    const verdict = verdictOf(well, nobody, relatedVerdict([monitor("a")]));
    expect(verdict).toMatchObject({ status: "ok", headline: "All 2 services are ok", beside: null });
  });

  it("tells of related monitors that are worse first, and does not say since when", () => {
    const verdict = verdictOf(well, nobody, relatedVerdict([dead("a")]));
    expect(verdict).toMatchObject({
      status: "critical",
      headline: "The related monitor a is dead",
      since: null,
      beside: "All 2 services are ok",
    });
  });

  it("tells of services that are as bad first", () => {
    const verdict = verdictOf(sick, nobody, relatedVerdict([dead("a")]));
    expect(verdict).toMatchObject({
      status: "critical",
      headline: "1 of 3 services is critical",
      since: sick[2]?.since,
      beside: "The related monitor a is dead",
    });
  });

  it("is that of the related monitors where nothing else is monitored", () => {
    expect(verdictOf([], nobody, relatedVerdict([monitor("a")]))).toMatchObject({
      status: "ok",
      headline: "The related monitor a is ok",
      beside: null,
    });
  });

  it("is unknown where everything is silenced: nobody is to rely on it", () => {
    expect(verdictOf(sick, everything)).toMatchObject({
      status: "unknown",
      headline: "All services are silenced",
      silenced: 3,
    });
  });
});
