import { describe, expect, it } from "vitest";
import { type CheckOptions, checkDraft } from "../../../../src/core/intake/check.ts";
import {
  type EventDraft,
  type ForeignDraft,
  type Json,
  LifeguardError,
  z,
} from "../../../../src/plugin/index.ts";
import { fc } from "../../../support/property.ts";
import { envelope } from "./envelopes.ts";
import { draft, sourceOf } from "./harness.ts";

const OPTIONS: CheckOptions = { emitter: "source", now: "2026-01-01T00:00:00.000Z", eventBytes: 10_000 };
const source = sourceOf({
  labels: { site: "here", team: "a" },
  events: new Map<string, z.ZodType | null>([
    ["promise.checked", null],
    ["promise.typed", z.object({ code: z.number() })],
    ["subject.described", null],
  ]),
});

const check = (rest: Partial<EventDraft> = {}, options: Partial<CheckOptions> = {}) =>
  checkDraft(source, draft(rest), { ...OPTIONS, ...options });

/** What a draft is refused for: the path of the field. */
function refusal(
  rest: { [Key in keyof ForeignDraft]?: unknown },
  options: Partial<CheckOptions> = {},
): string {
  try {
    check(rest as Partial<EventDraft>, options);
  } catch (error) {
    expect(error).toBeInstanceOf(LifeguardError);
    expect(error).toMatchObject({ code: "EVENT_INVALID" });
    const match = /^source promises, event [^:]+: (.*?): /.exec((error as Error).message);
    return match?.[1] ?? (error as Error).message;
  }
  return "taken";
}

describe("what a draft must be", () => {
  it("comes out whole, with the defaults of the contract", () => {
    const { event, verdict, ownId, bytes } = check();
    expect(event).toEqual({
      id: "",
      time: OPTIONS.now,
      origin: "origin-a",
      source: "promises",
      type: "promise.checked",
      subject: "promise/a",
      status: "unknown",
      state: "",
      message: "fine",
      labels: { site: "here", team: "a" },
      measures: {},
      data: null,
    });
    expect([verdict, ownId]).toEqual(["ok", false]);
    expect(bytes).toBeGreaterThan(300);
  });

  it("is refused with the field that is wrong", () => {
    expect(refusal({ type: "promise.undeclared" })).toBe("type");
    expect(refusal({ type: 7 })).toBe("type");
    expect(refusal({ subject: undefined })).toBe("subject");
    expect(refusal({ status: "bad" })).toBe("status");
    expect(refusal({ status: null })).toBe("status");
    expect(refusal({ message: undefined })).toBe("message");
    expect(refusal({ state: 3 })).toBe("state");
    expect(refusal({ id: "" })).toBe("id");
    expect(refusal({ id: "a\nb" })).toBe("id");
    expect(refusal({ labels: { team: 1 } })).toBe("labels.team");
    expect(refusal({ labels: ["a"] })).toBe("labels");
    expect(refusal({ measures: { rtt: 3 } })).toBe("measures.rtt");
    expect(refusal({ measures: { rtt: { value: Number.NaN, unit: "ms" } } })).toBe("measures.rtt.value");
    expect(refusal({ measures: { rtt: { value: 1 } } })).toBe("measures.rtt.unit");
    expect(refusal({ measures: { rtt: { value: 1, unit: "s", warn: Number.POSITIVE_INFINITY } } })).toBe(
      "measures.rtt.warn",
    );
    expect(refusal({ checkpoint: [1] })).toBe("checkpoint");
    expect(refusal({ checkpoint: { at: () => 1 } })).toBe("checkpoint.at");
    expect(() => checkDraft(source, null as never, OPTIONS)).toThrow(/draft: expected an object/);
  });

  it("says which types the source may emit", () => {
    expect(() => check({ type: "promise.nope" })).toThrow(
      "source promises, event promise.nope: type: not declared; this source emits promise.checked, promise.typed, subject.described",
    );
  });

  it("has a subject of the form kind/name", () => {
    for (const subject of ["promise/a", "k8s/zz/Deployment/mod-x", "vim-2/é x", `a/${"x".repeat(510)}`])
      expect(refusal({ subject })).toBe("taken");
    for (const subject of [
      "promise",
      "promise/",
      "/a",
      "Promise/a",
      "2x/a",
      "a b/c",
      "a/b\nc",
      "a/\u2028",
      "a/\ud800",
    ])
      expect(refusal({ subject })).toBe("subject");
    expect(refusal({ subject: `a/${"x".repeat(511)}` })).toBe("subject");
  });

  it("has a message of one line, and one that is not endless", () => {
    expect(check({ message: "a\r\nb\tc\n" }).event.message).toBe("a b c");
    expect(check({ message: "x".repeat(9000) }).event.message).toHaveLength(8192);
    expect(check({ message: `${"x".repeat(8190)}😀😀` }).event.message.isWellFormed()).toBe(true);
    expect(check({ state: "NOT\nGOOD" }).event.state).toBe("NOT GOOD");
  });

  it("has a time that ends as UTC with milliseconds", () => {
    const time = (given: Date | string) => check({ time: given }).event.time;
    expect(time(new Date(0))).toBe("1970-01-01T00:00:00.000Z");
    expect(time("2026-03-01T01:30:00+02:00")).toBe("2026-02-28T23:30:00.000Z");
    expect(time("2026-01-01t00:00:00.123456z")).toBe("2026-01-01T00:00:00.123Z");
    expect(time("2016-12-31T23:59:60Z")).toBe("2017-01-01T00:00:00.000Z");
    for (const bad of [
      "2026-02-30T00:00:00Z",
      "2026-01-01 00:00:00Z",
      "2026-01-01T00:00:00",
      "2026-01-01T24:00:00Z",
      "2026-13-01T00:00:00Z",
      "9999-12-31T23:59:59-01:00",
      "yesterday",
      new Date(Number.NaN),
      12,
    ])
      expect([bad, refusal({ time: bad })]).toEqual([bad, "time"]);
  });

  it("adds the labels of monitors.yaml, and its own win", () => {
    expect(check({ labels: { team: "b", disk: "sda" } }).event.labels).toEqual({
      site: "here",
      team: "b",
      disk: "sda",
    });
  });

  it("has data that JSON can hold", () => {
    const loop: unknown[] = [];
    loop.push(loop);
    expect(refusal({ data: { a: [1, { b: () => 1 }] } })).toBe("data.a[1].b");
    expect(refusal({ data: { n: Number.NaN } })).toBe("data.n");
    expect(refusal({ data: 1n })).toBe("data");
    expect(refusal({ data: { at: new Date() } })).toBe("data.at");
    expect(refusal({ data: new Map() })).toBe("data");
    expect(refusal({ data: [undefined] })).toBe("data[0]");
    expect(refusal({ data: loop })).toMatch(/^data\[0\]/);
    expect(check({ data: { kept: 1, left: undefined as never } }).event.data).toEqual({ kept: 1 });
  });

  it("has data that the type's schema takes", () => {
    expect(refusal({ type: "promise.typed", data: { code: 1, more: true } })).toBe("taken");
    expect(refusal({ type: "promise.typed", data: { code: "1" } })).toBe("data.code");
    expect(refusal({ type: "promise.typed" })).toBe("data");
  });

  it("is no larger than the bound, counted in bytes of JSON", () => {
    const text = (length: number) => ({ text: "\u0001".repeat(length) });
    expect(refusal({ data: text(1500) })).toBe("taken");
    expect(refusal({ data: text(1700) })).toBe("draft");
    expect(refusal({ data: { text: "é".repeat(5000) } })).toBe("draft");
    expect(refusal({ data: { text: "x".repeat(9000) } })).toBe("taken");
  });

  it("is copied, so that a source cannot change what it has emitted", () => {
    const mine = { labels: { a: "1" }, measures: { m: { value: 1, unit: "s" } }, data: { list: [1] } };
    const { event } = check(mine);
    mine.labels.a = "2";
    mine.measures.m.value = 2;
    mine.data.list.push(2);
    expect(event.labels.a).toBe("1");
    expect(event.measures.m?.value).toBe(1);
    expect(event.data).toEqual({ list: [1] });
  });

  it("copies every JSON value to an equal one, whatever its keys", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const copied = check({ data: value as Json }, { eventBytes: 1e9 }).event.data;
        expect(JSON.stringify(copied)).toBe(JSON.stringify(value));
      }),
    );
    const hostile = JSON.parse('{"__proto__":{"polluted":true}}') as Json;
    expect(JSON.stringify(check({ data: hostile }).event.data)).toBe('{"__proto__":{"polluted":true}}');
    expect(refusal({ labels: JSON.parse('{"__proto__":"x"}') })).toBe("labels.__proto__");
  });

  it("whatever comes, it is taken or refused as EVENT_INVALID", () => {
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
    });
    const drafts = fc.record(
      {
        type: fc.oneof(fc.constant("promise.checked"), anything),
        subject: fc.oneof(fc.constant("promise/a"), anything),
        message: fc.oneof(fc.string(), anything),
        status: fc.oneof(fc.constant("ok"), anything),
        labels: anything,
        measures: anything,
        data: anything,
        time: anything,
        checkpoint: anything,
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(drafts, (given) => {
        try {
          const { event } = checkDraft(source, given as unknown as EventDraft, OPTIONS);
          expect(JSON.parse(JSON.stringify(event))).toEqual(event);
        } catch (error) {
          expect(error).toMatchObject({ code: "EVENT_INVALID" });
        }
      }),
    );
    const trap = {
      ...draft(),
      get message(): string {
        throw new Error("trap");
      },
    };
    expect(() => checkDraft(source, trap, OPTIONS)).toThrow(/draft: trap/);
  });
});

describe("who may say what", () => {
  it("keeps types of core from sources, also where they declare them", () => {
    expect(refusal({ type: "subject.described", data: {} })).toBe("type");
    expect(refusal({ type: "lifeguard.reload" })).toBe("type");
    expect(refusal({ type: "promise.registered" })).toBe("type");
  });

  it("lets core speak about monitors and subjects of the source", () => {
    const core = { emitter: "core" } as const;
    for (const type of [
      "promise.registered",
      "promise.unregistered",
      "promise.monitor_deleted",
      "promise.checked",
    ])
      expect(refusal({ type }, core)).toBe("taken");
    expect(refusal({ type: "vim.registered" }, core)).toBe("type");
    expect(refusal({ type: "promise.healed" }, core)).toBe("type");
    expect(refusal({ type: "subject.retired" }, core)).toBe("taken");
    expect(refusal({ type: "lifeguard.reload" }, core)).toBe("taken");
  });

  it("lets core give a verdict in place of a probe, without the data that the schema asks for", () => {
    const typed = { type: "promise.typed", data: undefined };
    expect(refusal(typed, { emitter: "core" })).toBe("taken");
    expect(refusal(typed)).toBe("data");
  });

  it("takes descriptions of the right form, and leaves out what nobody knows", () => {
    const core = { emitter: "core" } as const;
    const description = {
      title: "A",
      public: true,
      links: [{ rel: "runbook", href: "https://x" }],
      resources: [{ name: "a.log", path: "/var/log/a", public: false }],
    };
    const about = (data: unknown) => ({ type: "subject.described", data: data as Json });
    expect(check(about({ ...description, more: 1 }), core).event.data).toEqual(description);
    expect(refusal(about({ title: 1 }), core)).toBe("data.title");
    expect(refusal(about("A"), core)).toBe("data");
  });

  it("leaves logins out of a description's links, as everybody is told of it", () => {
    const links = [{ rel: "related_monitor", href: "https://admin:secret@host/" }];
    const draft = { type: "subject.described", data: { links } };
    expect(check(draft, { emitter: "core" }).event.data).toEqual({
      links: [{ rel: "related_monitor", href: "https://host/" }],
    });
  });
});

describe("a foreign event", () => {
  const foreign = { emitter: "foreign" } as const;
  const whole: ForeignDraft = {
    ...envelope(1).event,
    id: "theirs",
    origin: "origin-b",
    source: "vims",
    type: "vim.lost",
  };

  it("keeps id, time, origin and source, and may be of any type", () => {
    const { event, ownId } = checkDraft(source, whole, { ...OPTIONS, ...foreign });
    expect(event).toMatchObject({
      id: "theirs",
      origin: "origin-b",
      source: "vims",
      type: "vim.lost",
      time: whole.time,
    });
    expect(ownId).toBe(true);
  });

  it("must be whole", () => {
    for (const field of ["id", "time", "origin", "source", "type", "subject", "status"] as const)
      expect([field, refusal({ ...whole, [field]: undefined }, foreign)]).toEqual([field, field]);
  });

  it("loses the resources of a description: they are files of another machine", () => {
    const data = { title: "A", resources: [{ name: "a", path: "/a", public: true }] };
    const { event } = checkDraft(
      source,
      { ...whole, type: "subject.described", data },
      { ...OPTIONS, ...foreign },
    );
    expect(event.data).toEqual({ title: "A" });
  });
});
