import { describe, expect, it } from "vitest";
import { parseStatusFile } from "../../../../../src/sinks/web/related/status-file.ts";

const read = (file: unknown) => parseStatusFile(typeof file === "string" ? file : JSON.stringify(file));

describe("a status file of SlapOS's monitor", () => {
  it.each([
    ["2015, well", { status: "OK", message: "cache is warm" }, "ok", "cache is warm"],
    ["2015, silent", { status: "OK" }, "ok", "OK"],
    ["2015, bad", { status: "BAD", message: "no cache" }, "critical", "no cache"],
    ["2015, failed by its exit code", { status: "error", error: "trace" }, "critical", "error"],
    ["2016, bad", { status: "ERROR", message: "down", type: "status" }, "critical", "down"],
    ["2016, warning", { status: "WARNING", message: "soon full" }, "warning", "soon full"],
    ["a word nobody knows", { status: "SUCCESS" }, "critical", "SUCCESS"],
    ["not exactly OK", { status: "ok" }, "critical", "ok"],
    ["2018, well", { title: "a", result: { failed: false, message: "fine" } }, "ok", "fine"],
    ["2018, bad", { title: "a", result: { failed: true, message: "no" } }, "critical", "no"],
    ["2018, silent", { result: { failed: true } }, "critical", "critical"],
    ["2018, unclear", { result: { failed: "no" } }, "critical", "its result does not say whether it failed"],
    ["no status at all", { message: "hm" }, "critical", "hm"],
    ["no status and nothing else", {}, "critical", "its status file has no status"],
    ["empty", "", "critical", "its status file is not JSON"],
    ["cut off", '{"status": "OK", "mess', "critical", "its status file is not JSON"],
    ["a list", "[]", "critical", "its status file is not a JSON object"],
  ])("%s", (_, file, status, message) => {
    expect(read(file)).toMatchObject({ status, message });
  });

  it("tells since when, where it does", () => {
    expect(read({ status: "OK", "change-time": 1_456_000_000.5 }).since).toBe("2016-02-20T20:26:40.500Z");
    for (const time of [undefined, "yesterday", -1, 1e15, null])
      expect(read({ status: "OK", "change-time": time }).since).toBeNull();
  });

  it("has its message on one line, and not too long a one", () => {
    expect(read({ status: "BAD", message: "Traceback:\n  line 1\n" }).message).toBe("Traceback: line 1");
    expect(read({ status: "BAD", message: "x".repeat(10_000) }).message).toHaveLength(501);
    expect(read({ status: "BAD", message: 7 }).message).toBe("BAD");
  });
});
