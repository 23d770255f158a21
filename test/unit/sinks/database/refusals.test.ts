import { expect, test } from "vitest";
import { copyText } from "../../../../src/sinks/database/store/copy-in.ts";
import { failureOf, isDataError, RefusedEvents } from "../../../../src/sinks/database/store/failure.ts";
import { jsonOrNull, storable } from "../../../../src/sinks/database/store/storable.ts";
import { TestStore } from "./open-store.ts";
import { Script } from "./script.ts";

test("text that PostgreSQL cannot hold is stored escaped", () => {
  expect(storable("a\0b")).toBe("a\\u0000b");
  expect(storable("half \ud800 pair")).toBe("half \ufffd pair");
  expect(jsonOrNull({ text: "a\0\ud800" })).toBe('{"text":"a\\u0000\\ud800"}');
  expect(jsonOrNull({})).toBeNull();
});

test("rows of a COPY keep tabs, line breaks and backslashes apart from its own", () => {
  expect(copyText([["a\tb\nc\\d\re", 1.5, null, ""]])).toBe("a\\tb\\nc\\\\d\\re\t1.5\t\\N\t\n");
});

test("errors of the data are told from those that pass", () => {
  expect(isDataError(Object.assign(new Error(), { code: "22P02" }))).toBe(true);
  expect(isDataError(Object.assign(new Error(), { errcode: 18 }))).toBe(true);
  expect(isDataError(Object.assign(new Error(), { code: "57P01" }))).toBe(false);
  expect(isDataError(Object.assign(new Error(), { code: "ECONNREFUSED" }))).toBe(false);
  expect(isDataError(Object.assign(new Error(), { errcode: 5 }))).toBe(false);
  expect(failureOf(new AggregateError([new Error("connect ECONNREFUSED")]))).toEqual({
    kind: "passing",
    message: "connect ECONNREFUSED",
  });
});

test("of a batch with an event that cannot be stored, only that one is refused", async () => {
  await using db = await TestStore.open();
  const script = new Script();
  const batch = Array.from({ length: 9 }, (_, index) => script.say({ at: 1000 + index }));
  // No intake would let it pass.
  const broken = structuredClone(batch[4]) as (typeof batch)[number];
  Object.assign(broken.event, { status: "nonsense" });
  const refusal = await db.write(batch.with(4, broken)).catch((error) => error);
  expect(refusal).toBeInstanceOf(RefusedEvents);
  expect(refusal.ids).toEqual([broken.event.id]);
  expect((await db.history.events({ subject: "thing/one" })).items).toHaveLength(8);
});
