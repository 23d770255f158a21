import { describe, expect, it } from "vitest";
import { looksLikeNagios, parseNagiosOutput } from "../../../../src/sources/promises/nagios-output.ts";
import { parsePerfdata } from "../../../../src/sources/promises/perfdata.ts";
import { fc } from "../../../support/property.ts";

describe("performance data", () => {
  it("reads value, unit, thresholds and bounds", () => {
    expect(parsePerfdata("/=2643MB;5948;5958;0;5968 time=0.006s;;;0 users=4;20;50;0 use=12%")).toEqual({
      "/": { value: 2643, unit: "MB", warn: 5948, crit: 5958, min: 0, max: 5968 },
      time: { value: 0.006, unit: "s", min: 0 },
      users: { value: 4, unit: "1", warn: 20, crit: 50, min: 0 },
      use: { value: 12, unit: "%" },
    });
  });

  it("reads quoted labels, with blanks, signs and doubled quotes", () => {
    expect(parsePerfdata("'C: used=%'=1 'it''s'=2")).toEqual({
      "C: used=%": { value: 1, unit: "1" },
      "it's": { value: 2, unit: "1" },
    });
  });

  it("keeps ranges as they are written", () => {
    expect(parsePerfdata("a=1;10:20;@~:5")).toEqual({
      a: { value: 1, unit: "1", warn: "10:20", crit: "@~:5" },
    });
  });

  it("leaves out what is unknown or nonsense, and keeps the rest", () => {
    expect(parsePerfdata("a=U b= =3 c=x d=-1.5e3c e=0,5s")).toEqual({
      d: { value: -1500, unit: "c" },
      e: { value: 0.5, unit: "s" },
    });
  });

  it("is bounded", () => {
    const many = Array.from({ length: 1000 }, (_, index) => `m${index}=1`).join(" ");
    expect(Object.keys(parsePerfdata(many))).toHaveLength(256);
    expect(parsePerfdata(`${"x".repeat(300)}=1`)).toEqual({});
  });

  it("survives anything, and every measure is a finite number", () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom("'", "=", ";", " ", "1", ".", "e", "-", "a", "%", "|", "__proto__=1 "),
        }),
        (text) => {
          for (const { value, unit } of Object.values(parsePerfdata(text))) {
            expect(Number.isFinite(value)).toBe(true);
            expect(unit).not.toBe("");
          }
        },
      ),
    );
  });
});

describe("a plugin's output", () => {
  it("is taken apart as plugins write it: text, data, long text, more data", () => {
    const output =
      "DISK OK - free space: / 3326 MB | /=2643MB;5948\n/ 15272 MB\n/boot 68 MB | /boot=68MB;88\n/home=69357MB\n";
    expect(parseNagiosOutput(output)).toEqual({
      text: "DISK OK - free space: / 3326 MB\n/ 15272 MB\n/boot 68 MB",
      measures: {
        "/": { value: 2643, unit: "MB", warn: 5948 },
        "/boot": { value: 68, unit: "MB", warn: 88 },
        "/home": { value: 69357, unit: "MB" },
      },
    });
  });

  it("is known by a status word together with data that can be read", () => {
    expect(looksLikeNagios("LOAD WARNING - high|load1=9;4;8")).toBe(true);
    expect(looksLikeNagios("all OK")).toBe(false);
    expect(looksLikeNagios("ps aux | grep x=1")).toBe(false);
    expect(looksLikeNagios("OK | nothing here")).toBe(false);
    expect(looksLikeNagios("")).toBe(false);
  });
});
