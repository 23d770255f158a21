import { describe, expect, it } from "vitest";
import {
  compareStatus,
  isBad,
  isHousekeeping,
  kindOf,
  STATUSES,
  worstStatus,
} from "../../../src/plugin/index.ts";

describe("housekeeping", () => {
  it.each([
    ["subject.described", true],
    ["subject.retired", true],
    ["vim.measured", true],
    ["nsm.connection.registered", true],
    ["promise.unregistered", true],
    ["promise.monitor_deleted", true],
    ["promise.failed", false],
    ["vim.remeasured", false],
    ["measured", false],
    ["subjects.listed", false],
    ["vim.measured.twice", false],
  ])("%s: %s", (type, expected) => {
    expect(isHousekeeping(type)).toBe(expected);
  });
});

describe("a subject", () => {
  it("begins with its kind", () => {
    expect([kindOf("k8s/zz/Pod/a"), kindOf("vim/1"), kindOf("alone")]).toEqual(["k8s", "vim", "alone"]);
  });
});

describe("verdicts", () => {
  it("are ordered worst first", () => {
    expect([...STATUSES].reverse().sort(compareStatus)).toEqual(["critical", "warning", "unknown", "ok"]);
    expect(worstStatus(["ok", "unknown", "warning"])).toBe("warning");
    expect(worstStatus([])).toBe("ok");
    expect(STATUSES.filter(isBad)).toEqual(["critical", "warning"]);
  });
});
