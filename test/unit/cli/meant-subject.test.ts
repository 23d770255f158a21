import { expect, test } from "vitest";
import { meantSubject } from "../../../src/cli/meant-subject.ts";

const SUBJECTS = ["promise/disk", "promise/disc", "vim/site/edge", "ping"];

test.each([
  ["disk", ": did you mean promise/disk?"],
  ["edge", ": did you mean vim/site/edge?"],
  ["vim%2Fsite%2Fedge", ""],
  ["promise/dsik", ": did you mean promise/disk?"],
  ["Ping", ": did you mean ping?"],
  ["something/else", ""],
  ["promise/disk", ""],
  ["", ""],
])("who writes %j is asked%s", (word, question) => {
  expect(meantSubject(word, SUBJECTS)).toBe(question);
});
