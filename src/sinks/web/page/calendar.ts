import type { HistoryDay, SubjectDays } from "../../../plugin/index.ts";
import { PERIOD_WORDS, PERIODS, type Period } from "../past/period.ts";
import type { ServicePast } from "../past/service-past.ts";
import { bar, barDays } from "./bar.ts";
import { type Html, type HtmlValue, html } from "./html.ts";
import { measured } from "./measure.ts";
import { percent } from "./percent.ts";
import { shape } from "./shapes.ts";
import { duration } from "./time.ts";

/** Uptime over several stretches of time, ninety days as a bar, and each of them in a table. */
export function calendar({ days, uptime }: ServicePast): HtmlValue {
  if (days === null && Object.values(uptime).every((share) => share === null)) return null;
  return html`<section aria-labelledby="uptime"><h2 id="uptime">Uptime</h2>
<dl class="tiles">${(Object.keys(PERIODS) as Period[]).map((period) => tile(period, uptime[period]))}</dl>
${days && dayBar(days)}</section>
`;
}

function tile(period: Period, share: number | null): Html {
  return html`<div><dt>${PERIOD_WORDS[period]}</dt><dd>${share === null ? "–" : percent(share)}</dd></div>`;
}

function dayBar({ days }: SubjectDays): Html {
  const known = days.filter(({ worst }) => worst !== null).toReversed();
  return html`<div class="days">${bar(barDays(days))}
<p class="times" aria-hidden="true"><span>${days[0]?.day}</span><span>${days.at(-1)?.day}</span></p>
<details class="fold" data-key="days"><summary>${known.length === 1 ? "The one day" : `The ${known.length} days`} in numbers</summary>
<div class="scroll" tabindex="0" role="region" aria-label="Days"><table>
<thead><tr><th scope="col">Day (UTC)</th><th scope="col">Worst</th><th scope="col">Uptime</th><th scope="col">Down</th><th scope="col">Unknown</th><th scope="col">p50</th><th scope="col">p95</th></tr></thead>
<tbody>${known.map(dayRow)}</tbody></table></div></details></div>`;
}

function dayRow({ day, worst, uptime, down, unknown, latency }: HistoryDay): Html {
  const ms = (value: number | undefined) =>
    value === undefined ? "" : measured({ value: value / 1000, unit: "s" });
  const time = (length: number) => (length < 1000 ? "" : duration(length));
  return html`<tr><th scope="row">${day}</th><td class="state ${worst}">${worst && shape(worst)}${worst}</td><td>${uptime === null ? "" : percent(uptime)}</td><td>${time(down)}</td><td>${time(unknown)}</td><td>${ms(latency?.p50)}</td><td>${ms(latency?.p95)}</td></tr>
`;
}
