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
