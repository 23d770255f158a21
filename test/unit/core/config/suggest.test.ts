import { expect, test } from "vitest";
import { didYouMean } from "../../../../src/core/config/suggest.ts";

test.each([
  ["intervall", "interval"],
  ["intreval", "interval"],
  ["Interval", "interval"],
  ["intrvl", "interval"],
  ["evry", "every"],
  ["of", "off"],
  ["inter", undefined],
  ["wat", undefined],
  ["", undefined],
])("%s → %s", (word, meant) => {
  expect(didYouMean(word, ["interval", "every", "off", "directory"])).toBe(meant);
});

test("the nearest wins", () => {
  expect(didYouMean("sinks", ["sink", "sinkss", "links"])).toBe("sink");
  expect(didYouMean("labls", ["label", "labels"])).toBe("labels");
});
