import { describe, expect, it } from "vitest";
import { plot } from "../../../../../src/sinks/web/page/plot.ts";

const HOUR = 3_600_000;
const point = (hour: number, mean: number, around = 0) => ({
  time: new Date(hour * HOUR).toISOString(),
  min: mean - around,
  max: mean + around,
  mean,
  count: 2,
});
const drawn = (parts: Partial<Parameters<typeof plot>[0]>) =>
  String(
    plot({
      name: "rtt",
      unit: "s",
      points: [],
      since: 0,
      until: 10 * HOUR,
      step: HOUR,
      episodes: [],
      ...parts,
    }),
  );

describe("a plot of a measure", () => {
  it("is nothing without values", () => {
    expect(plot({ name: "x", unit: "s", points: [], since: 0, until: 1, step: 1, episodes: [] })).toBeNull();
  });

  it("draws the mean as a line, least and most as an area, from zero", () => {
    const svg = drawn({ points: [point(0, 1, 0.5), point(1, 2), point(2, 3, 1)] });
    expect(svg).toContain('<path class="line" d="M30 75L90 50L150 25"/>');
    expect(svg).toContain('<path class="area" d="M30 62.5L90 50L150 0L150 50L90 50L30 87.5z"/>');
    expect(svg).toContain("<li>4 s</li><li>0 s</li>");
    expect(svg).toContain("mean 2 s, between 500 ms and 4 s");
    expect(svg).toContain(
      'role="img" aria-label="rtt from 1970-01-01 00:00:00 UTC to 1970-01-01 10:00:00 UTC"',
    );
  });

  it("ends at its edge, also where the middle of the last step is still to come", () => {
    expect(drawn({ points: [point(8, 2), point(9, 2)], until: 9 * HOUR })).toContain(
      'd="M566.7 50L600 50"/>',
    );
    expect(drawn({ points: [point(8, 2)], until: 8.5 * HOUR })).toContain('d="M564.7 50H600"/>');
  });

  it("leaves a gap where there are no values", () => {
    const svg = drawn({ points: [point(0, 1), point(1, 1), point(2, 1), point(7, 1), point(8, 1)] });
    expect(svg.match(/class="line"/g)).toHaveLength(2);
  });

  it("draws limits that are near and numbers, and times of trouble", () => {
    const svg = drawn({
      points: [point(0, 1), point(1, 2)],
      warn: 3,
      crit: 1000,
      episodes: [
        { began: new Date(-HOUR).toISOString(), ended: new Date(HOUR).toISOString() },
        { began: new Date(9 * HOUR).toISOString(), ended: null },
      ],
    });
    expect(svg).toContain('<path class="limit warning" d="M0 0h600"/>');
    expect(svg).toContain("warning at 3 s");
    expect(svg).not.toContain("critical at");
    expect(svg).toContain('<path class="outage" d="M0 0h60v100H0zM540 0h60v100H540z"/>');
    expect(drawn({ points: [point(0, 1)], warn: "5:" })).not.toContain("limit");
  });

  it("lies on the axis where nothing was counted: a loss of less than nothing is none", () => {
    const svg = drawn({ name: "loss", unit: "%", points: [point(0, 0), point(1, 0)] });
    expect(svg).toContain("<li>1 %</li><li>0 %</li>");
    expect(svg).toContain('<path class="line" d="M30 100L90 100"/>');
  });

  it("draws the largest numbers, too", () => {
    const most = Number.MAX_VALUE;
    for (const [values, line] of [
      [[-most, 0, most], "M30 100L90 50L150 0"],
      [[most, most], "M30 0L90 0"],
      [[-most, -most], "M30 100L90 100"],
      [[0, Number.MIN_VALUE], "M30 100L90 0"],
    ] as const) {
      const svg = drawn({ points: values.map((value, hour) => point(hour, value)) });
      expect(svg).toContain(`<path class="line" d="${line}"/>`);
      expect(svg).not.toMatch(/Infinity|NaN/);
    }
  });

  it("is a flat line in the middle for a value that stays the same", () => {
    expect(drawn({ points: [point(0, 5), point(1, 5)] })).toContain("M30 50L90 50");
  });
});
