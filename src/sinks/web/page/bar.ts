import type { HistoryDay, Status } from "../../../plugin/index.ts";
import { type Html, html } from "./html.ts";
import { percent } from "./percent.ts";

/** How a day's worst verdict is drawn: the worse, the higher, so that it is read without colours. Its height, of 20. */
const HEIGHTS: Readonly<Record<Status | "nothing", number>> = {
  critical: 20,
  warning: 15,
  unknown: 5,
  ok: 11,
  nothing: 2,
};

/**
 * Days as bars, in one drawing of a few hundred bytes: equal days that follow each other are one line, which the style cuts into bars by its
 * dashes. What it shows is told in words beside it, so it is hidden from who listens. What each day was is told by `assets/days.js`, which
 * reads it out of the drawing.
 * @param days oldest first
 */
export function bar(days: readonly Pick<HistoryDay, "day" | "worst" | "uptime">[]): Html {
  const paths = new Map<Status | "nothing", { text: string; end: number }>();
  for (let from = 0; from < days.length; ) {
    const worst = days[from]?.worst ?? "nothing";
    let to = from + 1;
    while (to < days.length && (days[to]?.worst ?? "nothing") === worst) to++;
    const path = paths.get(worst);
    const move = path ? `m${from - path.end} 0` : `M${from} ${20 - HEIGHTS[worst] / 2}`;
    paths.set(worst, { text: `${path?.text ?? ""}${move}h${to - from}`, end: to });
    from = to;
  }
  const up = unforeseen(days);
  return html`<svg class="bar" viewBox="0 0 ${days.length} 20" preserveAspectRatio="none" aria-hidden="true" data-until="${days.at(-1)?.day}"${up !== "" && html` data-up="${up}"`}>${[
    ...paths,
  ].map(([worst, { text }]) => html`<path class="${worst}" d="${text}"/>`)}</svg>`;
}

/**
 * Uptime of the days of which their verdict does not tell it, `<number of the day>=<uptime>` each: they are few, so that a page of a thousand
 * bars stays small. The others were up all the time, and of those that are unknown no time is known.
 */
function unforeseen(days: readonly Pick<HistoryDay, "worst" | "uptime">[]): string {
  return days
    .flatMap(({ worst, uptime }, at) => {
      const foreseen = worst === null || worst === "unknown" ? null : 1;
      return uptime === foreseen ? [] : `${at}=${uptime === null ? "" : percent(uptime)}`;
    })
    .join(";");
}
