import { expect, test } from "vitest";
import { DataFiles } from "../../../src/core/data-files.ts";

const refused = (message: RegExp) =>
  expect.objectContaining({ code: "CONFIG", message: expect.stringMatching(message) });

test("a file belongs to the first who asks for it, as often as that one asks", () => {
  const files = new DataFiles("/data", []);
  expect(files.claim("sinks.a", "history.db")).toBe("/data/history.db");
  expect(files.claim("sinks.a", "history.db")).toBe("/data/history.db");
  expect(() => files.claim("sinks.b", "history.db")).toThrow(
    refused(/\/data\/history\.db is kept by sinks\.a.*sinks\.b/),
  );
  expect(files.claim("sinks.b", "other.db")).toBe("/data/other.db");
});

test("what nobody keeps any more may be another one's", () => {
  const files = new DataFiles("/data", []);
  files.claim("sinks.a", "history.db");
  files.claim("sinks.b", "other.db");
  files.release("sinks.a");
  expect(files.claim("sinks.b", "history.db")).toBe("/data/history.db");
  expect(() => files.claim("sinks.a", "other.db")).toThrow(refused(/sinks\.b/));
});

test("what core keeps itself, and what lies elsewhere, is nobody's", () => {
  const files = new DataFiles("/data", ["journal.sqlite"]);
  expect(() => files.claim("sinks.a", "journal.sqlite")).toThrow(refused(/lifeguard itself/));
  for (const name of ["../x.db", "a/b.db", "instances", "origin", ".hidden.db", "", "x.db\0"])
    expect(() => files.claim("sinks.a", name)).toThrow(refused(/no name for a file/));
});
