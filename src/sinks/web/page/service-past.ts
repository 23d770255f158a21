import type { MeasurePoint, MeasureSeries, SubjectState } from "../../../plugin/index.ts";
import { PERIOD_WORDS, PERIODS, type Period } from "../past/period.ts";
import type { ServicePast } from "../past/service-past.ts";
import { calendar } from "./calendar.ts";
import { type Html, type HtmlValue, html } from "./html.ts";
import { plot } from "./plot.ts";
import { timeline } from "./timeline.ts";

const DAY = 86_400_000;

/**
 * What the history says about a service.
 * @param page address of the service's page
 * @param operates whether it is shown to who may know about the workings of lifeguard, such as where its database is
 */
export function servicePast(
  past: ServicePast,
  state: SubjectState,
  page: string,
  operates: boolean,
): HtmlValue {
  const { period, episodes, more, problem } = past;
  return html`${problem !== null && missing(past, operates && `: ${problem}`)}
${calendar(past)}
${periods(period, page)}
${plots(past, state)}
${episodes && timeline(episodes, more, PERIOD_WORDS[period])}`;
}

function missing({ days, episodes, measures }: ServicePast, why: HtmlValue): Html {
  return (days ?? episodes ?? measures)
    ? html`<p class="notice warning">The history does not answer in full${why}. The rest is shown.</p>`
    : html`<p class="notice warning">The history cannot be read now${why}.</p>`;
}

function periods(chosen: Period, page: string): HtmlValue {
  const link = (period: Period) => `${page}${page.includes("?") ? "&" : "?"}period=${period}`;
  return html`<nav class="periods" aria-label="Period" id="period"><ul>${(
    Object.keys(PERIODS) as Period[]
  ).map(
    (period) =>
      html`<li><a href="${link(period)}#period"${period === chosen && html` aria-current="true"`}>${PERIOD_WORDS[period]}</a></li>`,
  )}</ul></nav>`;
}

function plots(
  { measures, days, episodes, since, until, period }: ServicePast,
  state: SubjectState,
): HtmlValue {
  const drawn = (measures ?? []).map((series) => measurePlot(series, state, since, until, episodes ?? []));
  const latency = days?.days.flatMap(({ day, latency: both }) =>
    both === null ? [] : [dayPoint(day, both.p50 / 1000, both.p95 / 1000)],
  );
  const count = PERIODS[period] / DAY;
  const shown = count >= 7 ? (latency ?? []).filter(({ time }) => Date.parse(time) >= since) : [];
  const daily = plot({
    name: "Latency of each day",
    unit: "s",
    points: shown,
    since: Math.floor(since / DAY) * DAY,
    until,
    step: DAY,
    episodes: [],
    words: "median as a line, up to the 95th percentile as an area",
  });
  if (shown.length === 0 && drawn.every((one) => one === null)) return null;
  return html`<section aria-labelledby="plots"><h2 id="plots">Measures over time</h2><div class="plots">
${daily}${drawn}</div></section>`;
}

/** The median of a day as what is least and the line, in seconds. */
function dayPoint(day: string, p50: number, p95: number): MeasurePoint {
  return { time: `${day}T00:00:00.000Z`, min: p50, max: p95, mean: p50, count: 1 };
}

function measurePlot(
  { name, unit, points }: MeasureSeries,
  { measures }: SubjectState,
  since: number,
  until: number,
  episodes: NonNullable<ServicePast["episodes"]>,
): HtmlValue {
  const measure = measures[name];
  const step = (until - since) / 120;
  return plot({ name, unit, points, since, until, step, episodes, warn: measure?.warn, crit: measure?.crit });
}
