import { describe, expect, it } from "vitest";
import { ActiveSilences } from "../../../../src/core/silences/silences.ts";
import type { Silence } from "../../../../src/plugin/index.ts";

const silence = (id: string, parts: Partial<Silence>): Silence => ({
  id,
  kind: "silence",
  subjects: ["*"],
  labels: {},
  why: "works",
  by: "",
  since: "2026-01-01T00:00:00.000Z",
  until: "2026-01-01T01:00:00.000Z",
  ...parts,
});

describe("silences", () => {
  it("match by subject and by labels, and the one that lasts longest is told", () => {
    const silences = new ActiveSilences();
    silences.begin(silence("a", { subjects: ["vim/edge-*", "vim/core"] }));
    silences.begin(silence("b", { labels: { team: ["edge", "core-*"] }, until: "2026-01-02T00:00:00.000Z" }));
    expect(silences.of({ subject: "vim/edge-1" })?.id).toBe("a");
    expect(silences.of({ subject: "vim/core", labels: { team: "core-1" } })?.id).toBe("b");
    expect(silences.of({ subject: "promise/x", labels: { team: "web" } })).toBeUndefined();
    expect(silences.active().map(({ id }) => id)).toEqual(["b", "a"]);
    silences.end("b");
    expect(silences.of({ subject: "vim/core", labels: { team: "core-1" } })?.id).toBe("a");
  });

  it("answer anew what one that begins or ends changes, whatever was asked before", () => {
    const silences = new ActiveSilences();
    const of = (subject: string, labels?: Record<string, string>) =>
      silences.of(labels ? { subject, labels } : { subject })?.id;
    silences.begin(silence("a", { subjects: ["vim/*"] }));
    expect([of("vim/x"), of("vim/y"), of("promise/x")]).toEqual(["a", "a", undefined]);
    silences.begin(silence("b", { subjects: ["*/x"], until: "2026-01-02T00:00:00.000Z" }));
    expect([of("vim/x"), of("vim/y"), of("promise/x")]).toEqual(["b", "a", "b"]);
    // The same one with another end and other subjects.
    silences.begin(silence("b", { subjects: ["*/y"], until: "2025-01-02T00:00:00.000Z" }));
    expect([of("vim/x"), of("vim/y"), of("promise/x")]).toEqual(["a", "a", undefined]);
    silences.end("a");
    expect([of("vim/x"), of("vim/y"), of("promise/x")]).toEqual([undefined, "b", undefined]);
  });

  it("answer by the labels of each event, also of one subject", () => {
    const silences = new ActiveSilences();
    silences.begin(silence("a", { subjects: ["none"] }));
    expect(silences.of({ subject: "vim/x", labels: { team: "web" } })).toBeUndefined();
    silences.begin(silence("b", { labels: { team: ["edge"] } }));
    const of = (labels: Record<string, string>) => silences.of({ subject: "vim/x", labels })?.id;
    expect([of({ team: "web" }), of({ team: "edge" }), of({}), of({ team: "edge", more: "x" })]).toEqual([
      undefined,
      "b",
      undefined,
      "b",
    ]);
    expect(silences.of({ subject: "vim/x" })).toBeUndefined();
  });

  it("tell when one begins or ends", () => {
    const silences = new ActiveSilences();
    const seen: number[] = [];
    silences.changes.subscribe(() => seen.push(silences.version));
    silences.begin(silence("a", {}));
    silences.end("a");
    silences.end("a");
    expect(seen).toEqual([1, 2]);
  });
});
