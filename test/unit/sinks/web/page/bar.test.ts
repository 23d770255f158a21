import { describe, expect, it } from "vitest";
import type { Status } from "../../../../../src/plugin/index.ts";
import { bar, barDays, withStanding } from "../../../../../src/sinks/web/page/bar.ts";
import { percent } from "../../../../../src/sinks/web/page/percent.ts";

/** A day as its verdict lets expect it, unless it says otherwise. */
function day(worst: Status | null, uptime: number | null = worst === "ok" || worst === "warning" ? 1 : null) {
  return { day: "2026-01-31", worst, uptime };
}

describe("a bar of days", () => {
  it("draws equal days that follow each other as one line, the worse the higher", () => {
    const days = ["ok", "ok", null, "critical", "ok", "ok", "ok"] as const;
    expect(bar(barDays(days.map((worst) => day(worst)))).toString()).toBe(
      '<svg class="bar" viewBox="0 0 7 20" preserveAspectRatio="none" aria-hidden="true" data-until="2026-01-31">' +
        '<path class="ok" d="M0 14.5h2m2 0h3"/><path class="nothing" d="M2 19h1"/><path class="critical" d="M3 10h1"/></svg>',
    );
  });

  it("says how much of a day was up only where its verdict does not tell", () => {
    const days = [
      day("ok"),
      day("critical", 0.958),
      day("warning"),
      day("unknown"),
      day("unknown", 0.5),
      day("ok", null),
      day("critical", 0),
    ];
    expect(bar(barDays(days)).toString()).toContain(' data-up="1=95.8 %;4=50.0 %;5=;6=0 %"');
  });
});

describe("a bar whose last day does not know yet what stands", () => {
  const drawn = (standing: Status, ...days: (Status | null)[]) =>
    withStanding(barDays(days.map((worst) => day(worst))), standing, "2026-01-31").letters;

  it.each<[Status, Status | null, string]>([
    ["critical", "ok", "oc"],
    ["warning", "ok", "ow"],
    ["critical", "unknown", "oc"],
    ["critical", null, "oc"],
    ["warning", "critical", "oc"],
    ["ok", "warning", "ow"],
    ["ok", "unknown", "ou"],
    ["unknown", "ok", "oo"],
    ["ok", null, "o-"],
  ])("draws for %s on a day of %s: %s", (standing, last, expected) => {
    expect(drawn(standing, "ok", last)).toBe(expected);
  });

  it("does not draw on yesterday what stands today", () => {
    expect(withStanding(barDays([day("ok")]), "critical", "2026-02-01").letters).toBe("o");
  });

  it("has nothing to draw where there is no day", () => {
    expect(drawn("critical")).toBe("");
  });
});

describe("a share of time", () => {
  it.each([
    [1, "100 %"],
    [0.99999, "99.99 %"],
    [0.9987, "99.87 %"],
    [0.98765, "98.7 %"],
    [0.0004, "0.0 %"],
    [0, "0 %"],
  ])("%d reads %s: only what is whole is 100", (share, words) => {
    expect(percent(share)).toBe(words);
  });
});
