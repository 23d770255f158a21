import { expect, test } from "vitest";
import { checkText } from "../../../src/cli/check.ts";
import { textLine } from "../../../src/cli/tap.ts";
import { ago, align } from "../../../src/cli/terminal.ts";
import type { Envelope } from "../../../src/plugin/index.ts";

const plain = (_: unknown, text: string) => text;

const envelope: Envelope = {
  seq: 1,
  received: "2026-01-01T10:00:00.000Z",
  change: true,
  previous: "ok",
  since: "2026-01-01T10:00:00.000Z",
  episode: "e",
  event: {
    id: "e",
    time: "2026-01-01T10:00:00.000Z",
    origin: "here",
    source: "promises",
    type: "promise.failed",
    subject: "promise/disk",
    status: "critical",
    state: "BAD",
    message: "full\u001b[31m\nreally",
    labels: {},
    measures: {},
    data: null,
  },
};

test("a tapped event is one line that says what the status was before", () => {
  const line = textLine({ envelope }, plain);
  expect(line).toMatch(
    /^\d\d:\d\d:\d\d {2}critical {2}promise\/disk {20,} {2}promise\.failed {2}full \[31m really \(was ok\)$/,
  );
  expect(textLine({ envelope: { ...envelope, change: false } }, plain)).not.toContain("was ok");
});

test("a gap is told", () => {
  expect(textLine({ gap: "retention took them" }, plain)).toContain("retention took them");
});

test("a check shows verdict, message, timing and measures with their bounds", () => {
  const measures = { free: { value: 4, unit: "%", warn: "10", crit: 5 }, files: { value: 12, unit: "1" } };
  const report = {
    status: "critical",
    state: "BAD",
    message: "nearly full",
    durationMs: 12.4,
    measures,
  } as const;
  expect(checkText("promise/disk", report, "daemon", plain)).toBe(
    [
      "CRITICAL - promise/disk: nearly full",
      "state BAD, 12 ms, run by the running lifeguard",
      "  free 4 % (warning 10, critical 5)",
      "  files 12",
      "",
    ].join("\n"),
  );
});

test("columns are as wide as their widest cell, within a bound", () => {
  expect(
    align([
      ["a", "bb", "last"],
      ["aaa", "b", "x"],
    ]),
  ).toEqual([
    ["a  ", "bb", "last"],
    ["aaa", "b ", "x"],
  ]);
  expect(
    align(
      [
        ["a".repeat(9), "x"],
        ["b", "y"],
      ],
      4,
    ),
  ).toEqual([
    ["a".repeat(9), "x"],
    ["b   ", "y"],
  ]);
});

test("lengths of time are told in their largest unit", () => {
  expect([0, 999, 61_000, 3_600_000, 200_000_000, -5].map(ago)).toEqual([
    "0 s",
    "0 s",
    "1 m",
    "1 h",
    "2 d",
    "0 s",
  ]);
});
