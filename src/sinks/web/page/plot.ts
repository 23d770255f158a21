import type { Episode, Measure, MeasurePoint } from "../../../plugin/index.ts";
import { type Html, type HtmlValue, html } from "./html.ts";
import { measured } from "./measure.ts";
import { absolute } from "./time.ts";

/** The drawing's own measures; the style stretches it. */
const WIDTH = 600;
const HEIGHT = 100;

/** What is drawn. */
export interface Plot {
  readonly name: string;
  readonly unit: string;
  readonly points: readonly MeasurePoint[];
  /** Milliseconds since the epoch. */
  readonly since: number;
  readonly until: number;
  /** Milliseconds of one step. */
  readonly step: number;
  readonly warn?: Measure["warn"];
  readonly crit?: Measure["crit"];
  /** Times of trouble, drawn behind. */
  readonly episodes: readonly Pick<Episode, "began" | "ended">[];
  /** What the line and the area around it are, where they are not mean, least and most. */
  readonly words?: string | undefined;
}

/** One measure over time: the mean as a line, least and most as an area, limits as dashes, with its numbers in words. */
export function plot(parts: Plot): HtmlValue {
  const { name, unit, points, since, until, words } = parts;
  if (points.length === 0) return null;
  const least = Math.min(...points.map(({ min }) => min));
  const most = Math.max(...points.map(({ max }) => max));
  const count = points.reduce((sum, point) => sum + point.count, 0);
  const mean = points.reduce((sum, point) => sum + point.mean * (point.count / count), 0);
  const limits = limitsOf(parts, least, most);
  const [low, high] = range([least, most, ...limits.map(({ value }) => value)]);
  // The middle of today may be still to come.
  const x = (time: number) => round(Math.max(0, Math.min(1, (time - since) / (until - since))) * WIDTH);
  // Between the largest numbers lies more than a number can say.
  const scale = Number.isFinite(high - low) ? 1 : 0.5;
  const y = (value: number) =>
    round(HEIGHT - ((value * scale - low * scale) / (high * scale - low * scale)) * HEIGHT);
  const text = (value: number) => measured({ value, unit });
  return html`<figure class="plot"><figcaption><strong>${name}</strong> <span>${words ?? html`mean ${text(mean)}, between ${text(least)} and ${text(most)}`}</span></figcaption>
<div class="frame"><ul class="scale" aria-hidden="true"><li>${text(high)}</li><li>${text(low)}</li></ul>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${name} from ${absolute(new Date(since).toISOString())} to ${absolute(new Date(until).toISOString())}">
<path class="grid" d="M0 0h${WIDTH}M0 ${HEIGHT / 2}h${WIDTH}M0 ${HEIGHT}h${WIDTH}"/>
${outages(parts, x)}${runs(points, parts.step).map((run) => drawRun(run, parts.step, x, y))}${limits.map(
  ({ value, kind }) => html`<path class="limit ${kind}" d="M0 ${y(value)}h${WIDTH}"/>`,
)}</svg>
<p class="times" aria-hidden="true"><span>${moment(since, until)}</span><span>${moment(until, since)}</span></p></div>
${limits.length > 0 && html`<p class="limits">${limits.map(({ value, kind }, at) => html`${at > 0 && ", "}${kind} at ${text(value)}`)}</p>`}</figure>
`;
}

/** The limits that are plain numbers and not so far away that the values would be a flat line. */
function limitsOf({ warn, crit }: Plot, least: number, most: number) {
  const reach = Math.max(most - least, Math.abs(most) * 0.5, Number.MIN_VALUE) * 2;
  return (
    [
      ["warning", warn],
      ["critical", crit],
    ] as const
  ).flatMap(([kind, value]) =>
    typeof value === "number" && value <= most + reach && value >= least - reach ? [{ kind, value }] : [],
  );
}

/** What the vertical axis reaches from and to: from zero where that is near. */
function range(values: readonly number[]): readonly [low: number, high: number] {
  let low = Math.min(...values);
  let high = Math.max(...values);
  if (low > 0 && low < high / 2) low = 0;
  // What was nothing all the time lies on the axis: it is no quantity that could be less.
  if (low === 0 && high === 0) return [0, 1];
  if (low === high) {
    const around = Math.abs(low) / 10;
    low = Math.max(-Number.MAX_VALUE, low - around);
    high = Math.min(Number.MAX_VALUE, high + around);
  }
  return [low, high];
}

/** Points without a gap between them. */
function runs(points: readonly MeasurePoint[], step: number): readonly (readonly MeasurePoint[])[] {
  const all: MeasurePoint[][] = [];
  let last = Number.NEGATIVE_INFINITY;
  // Steps may be shorter than the time between two values: half of the usual distance more is no gap yet.
  const usual = Math.max(step, median(points)) * 2.5;
  for (const point of points) {
    const time = Date.parse(point.time);
    if (time - last > usual) all.push([]);
    all.at(-1)?.push(point);
    last = time;
  }
  return all;
}

function median(points: readonly MeasurePoint[]): number {
  const gaps = points.slice(1).map(({ time }, at) => Date.parse(time) - Date.parse(points[at]?.time ?? time));
  return gaps.sort((a, b) => a - b)[Math.floor(gaps.length / 2)] ?? 0;
}

function drawRun(
  run: readonly MeasurePoint[],
  step: number,
  x: (time: number) => number,
  y: (value: number) => number,
): Html {
  const middle = ({ time }: MeasurePoint) => x(Date.parse(time) + step / 2);
  const [only] = run;
  if (run.length === 1 && only) {
    const from = x(Date.parse(only.time));
    const to = x(Date.parse(only.time) + step);
    return html`<path class="line" d="M${from} ${y(only.mean)}H${to}"/>`;
  }
  const upper = run.map((point) => `${middle(point)} ${y(point.max)}`);
  const lower = run.map((point) => `${middle(point)} ${y(point.min)}`).reverse();
  const line = run.map((point) => `${middle(point)} ${y(point.mean)}`);
  return html`<path class="area" d="M${[...upper, ...lower].join("L")}z"/><path class="line" d="M${line.join("L")}"/>`;
}

function outages({ episodes, since, until }: Plot, x: (time: number) => number): HtmlValue {
  const rests = episodes.map(({ began, ended }) => {
    const from = x(Math.max(since, Date.parse(began)));
    const to = x(ended === null ? until : Math.min(until, Date.parse(ended)));
    return to < from ? "" : `M${from} 0h${Math.max(1, round(to - from))}v${HEIGHT}H${from}z`;
  });
  return rests.length > 0 && html`<path class="outage" d="${rests.join("")}"/>`;
}

/** A moment as short as the distance to another one allows. */
function moment(time: number, other: number): string {
  const text = new Date(time).toISOString();
  return Math.abs(time - other) > 3 * 86_400_000
    ? text.slice(0, 10)
    : `${text.slice(5, 16).replace("T", " ")} UTC`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
