import type { Silence, SubjectState } from "../../../plugin/index.ts";
import type { DaySummary } from "../past/day-cache.ts";
import { serviceUrls } from "../service-urls.ts";
import type { Scope } from "../site.ts";
import { type Html, type HtmlValue, html } from "./html.ts";
import { percent } from "./percent.ts";
import { runForm } from "./run-form.ts";
import { shape } from "./shapes.ts";
import { silencedUntil } from "./silenced.ts";
import { ago } from "./time.ts";
import { messageOf, shownSince, titleOf, wordOf } from "./words.ts";

/** One service in the overview. */
export interface RowParts {
  readonly state: SubjectState;
  readonly id: number;
  /** The root that lists it. */
  readonly scope: Scope;
  readonly silence: Silence | undefined;
  /** Its last days, where there is a history. */
  readonly days: DaySummary | undefined;
  /** Whether room is kept for days. */
  readonly withDays: boolean;
  /** Id of the one that follows in its list. Absent: it is not said. */
  readonly next?: number | undefined;
}

/**
 * One service in the overview.
 * @param now milliseconds since the epoch
 */
export function row(parts: RowParts, now: number): Html {
  const { state, id, scope, silence, days, withDays, next } = parts;
  const word = wordOf(state);
  const urls = serviceUrls(scope, state);
  return html`<li class="row ${word}${silence && " silenced"}" data-key="${id}"${next !== undefined && html` data-next="${next}"`}>
<div class="state">${shape(word)}${word}${word !== "pending" && html` <span class="since">for ${ago(shownSince(state), now)}</span>`}</div>
<div class="what"><a href="${urls.page}">${titleOf(state)}</a><p>${messageOf(state)}</p>${silencedUntil(silence)}</div>
${withDays && past(days, state, now)}${runForm(state, urls, scope, "overview")}</li>
`;
}

function past(days: DaySummary | undefined, { status }: SubjectState, now: number): HtmlValue {
  if (!days)
    return html`<div class="past"></div>
`;
  const share = days.uptime[90];
  const bad =
    days.critical === 0 ? "" : `, ${days.critical === 1 ? "one day" : `${days.critical} days`} critical`;
  return html`<div class="past">${days.bar(status, now)}<span class="up">${share === null ? "–" : percent(share)}</span><span class="only-read"> up in 90 days${bad}</span></div>
`;
}
