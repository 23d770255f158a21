import { describe, expect, it } from "vitest";
import type { Json } from "../../../../src/plugin/index.ts";
import { resultData } from "../../../../src/sources/promises/result-data.ts";
import type { Verdict } from "../../../../src/sources/promises/verdict.ts";
import { fc } from "../../../support/property.ts";
import { threadCpu } from "../../../support/thread-cpu.ts";

const verdict = (changes: Partial<Verdict> = {}): Verdict => ({
  status: "ok",
  state: "OK",
  word: "OK",
  message: "fine",
  line: "fine",
  description: undefined,
  error: undefined,
  returncode: 0,
  extras: {},
  measures: {},
  truncated: undefined,
  ...changes,
});
const times = {
  started: Date.UTC(2026, 0, 1),
  ended: Date.UTC(2026, 0, 1, 0, 0, 1),
  duration: 1234.5678,
  changed: 1000_500,
};
const size = (data: Json) => Buffer.byteLength(JSON.stringify(data));

describe("the data of a result", () => {
  it("says everything in the words of status.json", () => {
    expect(
      resultData(
        verdict({ error: "careful", description: "d", extras: { a: 1, b: [true] }, truncated: "t" }),
        times,
      ),
    ).toEqual({
      a: 1,
      b: [true],
      status: "OK",
      message: "fine",
      date: "2026-01-01T00:00:01.000Z",
      "start-date": "2026-01-01T00:00:00.000Z",
      "change-time": 1000.5,
      "execution-time": 1.235,
      returncode: 0,
      error: "careful",
      description: "d",
      truncated: "t",
    });
  });

  it("lets no key of the promise pass for one of lifeguard's", () => {
    const extras = {
      returncode: 0,
      title: "x",
      "start-date": "x",
      "change-time": "x",
      note: "x",
      error: "own",
    };
    const data = resultData(verdict({ returncode: 7, extras }), times);
    expect(data).toMatchObject({ returncode: 7, "change-time": 1000.5, error: "own" });
    expect(data).not.toHaveProperty("title");
    expect(data).not.toHaveProperty("note");
    expect(resultData(verdict({ extras, error: "stderr" }), times).error).toBe("stderr");
  });

  it("keeps a key called __proto__ a key", () => {
    const extras = JSON.parse('{"__proto__": {"status": "OK"}, "constructor": 1}');
    const data = resultData(verdict({ word: "BAD", extras }), times);
    expect(Object.getPrototypeOf(data)).toBe(Object.prototype);
    expect(JSON.parse(JSON.stringify(data))).toMatchObject({ status: "BAD", constructor: 1 });
  });

  it("drops the largest extra keys first, and names them", () => {
    const data = resultData(
      verdict({ extras: { small: "s", large: "x".repeat(80_000), middle: "x".repeat(30_000) } }),
      times,
    );
    expect(data).toMatchObject({ small: "s", note: "keys left out for lack of room: large" });
    expect(data).toHaveProperty("middle");
  });

  it("drops what nests too deeply", () => {
    let deep: Json = 1;
    for (let level = 0; level < 10_000; level++) deep = [deep];
    expect(resultData(verdict({ extras: { deep, flat: 1 } }), times)).toMatchObject({
      flat: 1,
      note: "keys left out since they nest too deeply: deep",
    });
  });

  it("shortens texts when that is not enough: description, then standard error, then the message", () => {
    const nul = "\0".repeat(5000);
    const data = resultData(verdict({ message: nul, error: nul, description: nul, extras: { a: 1 } }), times);
    expect(data).toMatchObject({ message: nul, error: "\0".repeat(1000), description: "\0".repeat(1000) });
  });

  it("of many thousand keys is made quickly", async () => {
    const extras = Object.fromEntries(
      Array.from({ length: 50_000 }, (_, index) => [`key ${index}`, "value"]),
    );
    expect(await threadCpu(() => resultData(verdict({ extras }), times))).toBeLessThan(1500);
    const data = resultData(verdict({ extras }), times);
    expect(size(data)).toBeLessThanOrEqual(64 * 1024);
    expect(data.note).toMatch(/and \d+ more$/);
  });

  it("stays below its bound whatever the promise says", () => {
    const text = fc.string({ unit: fc.constantFrom("x", "\0", "€", '"', "\uD800"), maxLength: 5000 });
    fc.assert(
      fc.property(
        text,
        text,
        text,
        fc.dictionary(fc.string(), fc.jsonValue() as fc.Arbitrary<Json>),
        (message, error, description, extras) => {
          const long = (what: string) =>
            what.repeat(Math.ceil(5000 / Math.max(1, what.length))).slice(0, 5000);
          const data = resultData(
            verdict({ message: long(message), error: long(error), description: long(description), extras }),
            times,
          );
          expect(size(data)).toBeLessThanOrEqual(60 * 1024);
          expect(data.status).toBe("OK");
        },
      ),
      { numRuns: 50 },
    );
  });
});
