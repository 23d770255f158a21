import { describe, expect, it } from "vitest";
import { compileFilter, type Envelope, type Event, type Filter } from "../../../src/plugin/index.ts";
import { envelope } from "../core/intake/envelopes.ts";

const passes = (filter: Filter | undefined, event: Partial<Event> = {}, rest: Partial<Envelope> = {}) =>
  compileFilter(filter)(envelope(1, event, rest));

describe("a filter", () => {
  it("without keys passes everything but own health and descriptions", () => {
    for (const filter of [undefined, {}, { types: ["*"] }]) {
      expect(passes(filter)).toBe(true);
      expect(passes(filter, { type: "promise.registered" })).toBe(true);
      expect(passes(filter, { type: "lifeguard.reload" })).toBe(false);
      expect(passes(filter, { type: "subject.described" })).toBe(false);
      expect(passes(filter, { type: "subjective.thing" })).toBe(true);
    }
  });

  it("passes own health and descriptions only by a pattern that begins with their word", () => {
    expect(passes({ types: ["lifeguard.*"] }, { type: "lifeguard.reload" })).toBe(true);
    expect(passes({ types: ["lifeguard.reload"] }, { type: "lifeguard.other" })).toBe(false);
    expect(passes({ types: ["lifeguard.reload", "*"] }, { type: "lifeguard.other" })).toBe(false);
    expect(passes({ types: ["lifeguard.reload", "*"] }, { type: "promise.checked" })).toBe(true);
    expect(passes({ types: ["*.described"] }, { type: "subject.described" })).toBe(false);
    expect(passes({ types: ["subject.*"] }, { type: "promise.checked" })).toBe(false);
  });

  it("is AND across keys and OR within one", () => {
    const filter: Filter = { sources: ["a*", "b"], subjects: ["promise/*"], status: ["critical", "warning"] };
    const event: Partial<Event> = { source: "ab", subject: "promise/x", status: "warning" };
    expect(passes(filter, event)).toBe(true);
    expect(passes(filter, { ...event, source: "b" })).toBe(true);
    expect(passes(filter, { ...event, source: "ba" })).toBe(false);
    expect(passes(filter, { ...event, subject: "vim/x" })).toBe(false);
    expect(passes(filter, { ...event, status: "ok" })).toBe(false);
  });

  it("needs every label that it names, each by one of its globs", () => {
    const filter: Filter = { labels: { site: ["north-*", "south"], team: ["*"] } };
    expect(passes(filter, { labels: { site: "north-1", team: "a" } })).toBe(true);
    expect(passes(filter, { labels: { site: "south", team: "" } })).toBe(true);
    expect(passes(filter, { labels: { site: "south" } })).toBe(false);
    expect(passes(filter, { labels: { site: "east", team: "a" } })).toBe(false);
    expect(passes({ labels: { constructor: ["*"] } }, { labels: {} })).toBe(false);
  });

  it("on change passes changes only, recoveries included", () => {
    expect(passes({ on: "change" })).toBe(false);
    expect(passes({ on: "change" }, {}, { change: true })).toBe(true);
    expect(passes({ on: "all" })).toBe(true);
  });

  it("with an empty list passes nothing", () => {
    expect(passes({ sources: [] })).toBe(false);
    expect(passes({ types: [] })).toBe(false);
  });
});
