import { describe, expect, it } from "vitest";
import type { RunEnd, RunResult } from "../../../../src/sources/promises/runner.ts";
import { NOTHING, TailBuffer } from "../../../../src/sources/promises/tail-buffer.ts";
import { judge, type Mode } from "../../../../src/sources/promises/verdict.ts";
import { fc } from "../../../support/property.ts";

const captured = (text: string, limit = 1024 * 1024) => {
  const buffer = new TailBuffer(limit);
  buffer.push(Buffer.from(text));
  return buffer.captured();
};

const run = (end: RunEnd | number, stdout = "", stderr = ""): RunResult => ({
  end: typeof end === "number" ? { kind: "exited", code: end } : end,
  stdout: captured(stdout),
  stderr: captured(stderr),
  duration: 12.3456,
  left: false,
});

const verdict = (end: RunEnd | number, stdout = "", stderr = "", { id = "p", mode = "auto" as Mode } = {}) =>
  judge(run(end, stdout, stderr), id, mode);

describe("SlapOS's contract", () => {
  it.each([
    ['{"status": "OK", "message": "warm"}', "ok", "OK", "warm"],
    ['{"message": "no status"}', "ok", "OK", "no status"],
    ['{"status": "BAD", "message": "cold"}', "critical", "BAD", "cold"],
    ['{"status": "WARNING", "message": "lukewarm"}', "warning", "WARNING", "lukewarm"],
    ['{"status": "FAILED", "message": "x"}', "critical", "FAILED", "x"],
    ['{"status": "ok", "message": "x"}', "critical", "ok", "x"],
    ['{"status": "ERROR"}', "critical", "ERROR", "exit code 0, no message"],
    ["{}", "ok", "OK", "exit code 0, no message"],
    ['{"message": 42}', "ok", "OK", "42"],
    ['{"message": {"a": 1}}', "ok", "OK", '{"a":1}'],
    ['{"message": null}', "ok", "OK", "exit code 0, no message"],
    ['{"message": "  "}', "ok", "OK", "exit code 0, no message"],
    ['{"status": true, "message": "x"}', "critical", "BAD", "x (its status is no word: true)"],
    ['{"status": null, "message": "x"}', "critical", "BAD", "x (its status is no word: null)"],
    ['{"status": "", "message": "x"}', "critical", "BAD", 'x (its status is no word: "")'],
  ])("exit 0 and %s", (stdout, status, word, message) => {
    expect(verdict(0, `${stdout}\n`)).toMatchObject({ status, word, state: word, message, returncode: 0 });
  });

  it.each([
    ['{"status": "OK", "message": "fine"}', "fine (exit code 1 contradicts its status OK)"],
    ['{"status": "WARNING", "message": "hm"}', "hm"],
    ['{"status": "MINE", "message": "broken"}', "broken"],
    ['{"message": "broken"}', "broken"],
    ["{}", "exit code 1, no message"],
  ])("other than exit 0 is BAD whatever it says: %s", (stdout, message) => {
    expect(verdict(1, stdout)).toMatchObject({ status: "critical", word: "BAD", message, returncode: 1 });
  });

  it("lets extra keys and a description through, and keeps standard error", () => {
    expect(
      verdict(0, '{"message": "m", "description": "d", "a": [1, {"b": null}]}', "careful\n"),
    ).toMatchObject({
      message: "m",
      description: "d",
      error: "careful",
      extras: { a: [1, { b: null }] },
    });
  });

  it("takes standard error for the message that is missing", () => {
    expect(verdict(1, '{"status": "BAD"}', "Traceback: why")).toMatchObject({ message: "Traceback: why" });
  });

  it("is not for arrays and broken objects: they are bad, and say why", () => {
    expect(verdict(0, '["OK"]')).toMatchObject({ status: "critical", word: "BAD" });
    expect(verdict(0, '["OK"]').message).toBe('standard output is a JSON array, not an object: ["OK"]');
    const partial = verdict(0, '{"status": "OK", "mess');
    expect(partial).toMatchObject({ status: "critical", word: "BAD" });
    expect(partial.message).toContain("standard output begins as JSON and is none");
    expect(partial.message).toContain('{"status": "OK", "mess');
  });

  it("is not for lone words and numbers, which are text", () => {
    for (const text of ["42", "null", '"quoted"', "[OK] fine", "true"])
      expect(verdict(0, text)).toMatchObject({ status: "ok", word: "OK", message: text });
  });

  it("is not read in mode nagios", () => {
    expect(verdict(1, '{"status": "OK"}', "", { mode: "nagios" })).toMatchObject({
      status: "warning",
      word: "BAD",
    });
  });
});

describe("text", () => {
  it.each([
    [0, "fine\n", "", "ok", "OK", "fine"],
    [0, "", "fine, on stderr\n", "ok", "OK", "fine, on stderr"],
    [0, "", "", "ok", "OK", "exit code 0, no output"],
    [0, "this reads CRITICAL", "", "ok", "OK", "this reads CRITICAL"],
    [1, "out", "err", "critical", "BAD", "out"],
    [1, "", "err", "critical", "BAD", "err"],
    [3, "", "", "critical", "BAD", "exit code 3, no output"],
    [127, "", "sh: not found", "critical", "BAD", "sh: not found"],
  ] as const)("exit %i, %j, %j", (code, stdout, stderr, status, word, message) => {
    expect(verdict(code, stdout, stderr)).toMatchObject({ status, word, message });
  });

  it("of an uncaught exception has its last line in the event, and all of it in the file", () => {
    const traceback = "Traceback (most recent call last):\n  File x, line 1\nValueError: too odd\n";
    expect(verdict(1, "", traceback)).toMatchObject({
      line: "ValueError: too odd",
      message: traceback.trim(),
      error: traceback.trim(),
    });
  });

  it("keeps its last 5,000 characters", () => {
    const long = `begin${"x".repeat(6000)}end`;
    const { message, error, line } = verdict(1, "", long);
    expect(message).toBe(long.slice(-5000));
    expect(error).toBe(long.slice(-5000));
    expect(line.length).toBeLessThanOrEqual(500);
  });

  it("states what was dropped, and is judged by its exit code", () => {
    const stdout = captured(`${"y\n".repeat(100_000)}last line`, 1000);
    const dropped = judge({ ...run(0), stdout }, "p", "auto");
    expect(dropped).toMatchObject({
      status: "ok",
      truncated: "standard output truncated: the last 1000 of 200009 bytes were kept",
    });
    expect(dropped.line).toBe(
      "last line [standard output truncated: the last 1000 of 200009 bytes were kept]",
    );
  });

  it("that is JSON too long to be read is bad, since nobody knows what it says", () => {
    const stdout = captured(`  {"status": "BAD", "x": "${"x".repeat(5000)}"}`, 1000);
    expect(judge({ ...run(0), stdout }, "p", "auto")).toMatchObject({ status: "critical", word: "BAD" });
  });

  it("has no control characters in its one line", () => {
    expect(verdict(1, "\u001b[31mred\u001b[0m\u0007 alert\nmore").line).toBe("red alert");
  });
});

describe("Nagios's exit codes", () => {
  const nagios = { mode: "nagios" } as const;
  it.each([
    [0, "ok", "OK", "OK"],
    [1, "warning", "WARNING", "BAD"],
    [2, "critical", "CRITICAL", "BAD"],
    [3, "unknown", "UNKNOWN", "BAD"],
    [4, "critical", "CRITICAL", "BAD"],
    [127, "critical", "CRITICAL", "BAD"],
  ] as const)("%i is %s, and status.json says %s", (code, status, state, word) => {
    expect(verdict(code, "text|a=1", "", nagios)).toMatchObject({
      status,
      state,
      word,
      measures: { a: { value: 1, unit: "1" }, duration: { value: 12.346, unit: "ms" } },
    });
  });

  it("hold in mode auto for files named check_… and for output that can only be a plugin's", () => {
    expect(verdict(1, "just text", "", { id: "check_x" })).toMatchObject({ status: "warning", word: "BAD" });
    expect(verdict(1, "DISK WARNING - full|/=1MB;1;2")).toMatchObject({
      status: "warning",
      message: "DISK WARNING - full",
    });
    expect(verdict(1, "DISK WARNING - full")).toMatchObject({ status: "critical" });
    expect(verdict(1, "just text", "", { id: "check-_x" })).toMatchObject({ status: "critical" });
    expect(verdict(1, '{"message": "json"}', "", { id: "check_x" })).toMatchObject({ status: "critical" });
  });

  it("do not hold in mode slapos", () => {
    expect(verdict(1, "X WARNING|a=1", "", { id: "check_x", mode: "slapos" })).toMatchObject({
      status: "critical",
      word: "BAD",
    });
  });

  it("have a reason also without output", () => {
    expect(verdict(2, "", "", nagios).message).toBe("exit code 2, no output");
    expect(verdict(9, "", "", nagios).message).toBe("exit code 9, no output");
    expect(verdict(9, "odd", "", nagios).message).toBe("odd (exit code 9 is none of Nagios's)");
  });
});

describe("runs that did not end by themselves", () => {
  it.each([
    [{ kind: "killed", signal: "SIGSEGV" }, "critical", "killed by SIGSEGV: partial", -11],
    [{ kind: "timeout", after: 20_000 }, "critical", "no result within 20 s: stopped: partial", null],
    [{ kind: "timeout", after: 250 }, "critical", "no result within 250 ms: stopped: partial", null],
    [
      { kind: "refused", reason: "its interpreter is not there" },
      "critical",
      "its interpreter is not there",
      null,
    ],
    [{ kind: "impossible", reason: "no file handle left" }, "unknown", "no file handle left", null],
    [{ kind: "stopped" }, "unknown", "stopped before it was through", null],
  ] as Array<[RunEnd, string, string, number | null]>)("%j", (end, status, message, returncode) => {
    for (const mode of ["auto", "slapos", "nagios"] as const)
      expect(judge(run(end, "partial\n"), "check_p", mode)).toMatchObject({
        status,
        word: "BAD",
        message,
        returncode,
      });
  });

  it("keep the reason, however much was written", () => {
    const { message } = verdict({ kind: "killed", signal: "SIGKILL" }, "z".repeat(9000));
    expect(message).toMatch(/^killed by SIGKILL: z+$/);
    expect(message).toHaveLength(5000);
  });
});

describe("any output whatever", () => {
  const piece = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.json(),
    fc.constantFrom("{", "[", '{"status":', '"OK"', "}", "|a=1", "OK", "\u0000", "\uD800", "\n"),
  );
  const end: fc.Arbitrary<RunEnd> = fc.oneof(
    fc.integer({ min: 0, max: 255 }).map((code) => ({ kind: "exited" as const, code })),
    fc.constant({ kind: "killed" as const, signal: "SIGKILL" }),
    fc.constant({ kind: "timeout" as const, after: 1000 }),
  );

  it("gets a verdict with a reason; only exit 0 can be ok, and the file says OK only then", () => {
    fc.assert(
      fc.property(
        fc.array(piece),
        fc.array(piece),
        end,
        fc.constantFrom<Mode>("auto", "slapos", "nagios"),
        (out, err, how, mode) => {
          const result = judge(
            {
              end: how,
              stdout: captured(out.join("")),
              stderr: captured(err.join("")),
              duration: 1,
              left: false,
            },
            "p",
            mode,
          );
          expect(result.message).not.toBe("");
          expect(result.message.length).toBeLessThanOrEqual(5000);
          expect(result.line).not.toBe("");
          for (const sign of ["\n", "\r", "\0", "\u001b"]) expect(result.line).not.toContain(sign);
          const good = how.kind === "exited" && how.code === 0;
          if (!good) expect(result).toMatchObject({ word: "BAD" });
          if (!good) expect(result.status).not.toBe("ok");
          if (result.status === "ok") expect(result.word).toBe("OK");
        },
      ),
      { numRuns: 300 },
    );
  });

  it("nested without end is survived", () => {
    const deep = `{"message": ${"[".repeat(100_000)}${"]".repeat(100_000)}}`;
    expect(verdict(0, deep).message).not.toBe("");
    expect(judge({ ...run(0), stdout: NOTHING }, "p", "auto").message).toBe("exit code 0, no output");
  });
});
