import { describe, expect, it } from "vitest";
import { bar } from "../../../../../src/sinks/web/page/bar.ts";
import { percent } from "../../../../../src/sinks/web/page/percent.ts";

describe("a bar of days", () => {
  it("draws equal days that follow each other as one line, the worse the higher", () => {
    const days = ["ok", "ok", null, "critical", "ok", "ok", "ok"] as const;
    expect(bar(days.map((worst) => ({ worst }))).toString()).toBe(
      '<svg class="bar" viewBox="0 0 7 20" preserveAspectRatio="none" aria-hidden="true">' +
        '<path class="ok" d="M0 14.5h2m2 0h3"/><path class="nothing" d="M2 19h1"/><path class="critical" d="M3 10h1"/></svg>',
    );
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
