import { STATUSES } from "../../../plugin/index.ts";
import type { RelatedService } from "../related/service.ts";
import type { RelatedSnapshot } from "../related/snapshot.ts";
import type { Scope } from "../site.ts";
import { type Html, type HtmlValue, html } from "./html.ts";
import { externalHref } from "./link.ts";
import { shape } from "./shapes.ts";
import { elapsed } from "./time.ts";

/** Most services of one related monitor that are shown in trouble, and most that are shown well: its own page has them all. */
const MOST = 50;
/** Up to so many services a monitor that is well is unfolded. */
const UNFOLD = 20;

/**
 * Other monitors that this one was told about, each with its own verdict and services: a part of the page that its script renews by itself,
 * and therefore there, empty, while there are none.
 */
export function relatedMonitors(
  { lists, site }: Scope,
  monitors: readonly RelatedSnapshot[],
  now: number,
): HtmlValue {
  if (!site.may("read", null)) return null;
  return html`<div id="related-monitors" data-from="${lists}/related">
${
  monitors.length > 0 &&
  html`<section class="elsewhere" aria-labelledby="related"><h2 id="related">Related monitors</h2>
${monitors.map((one) => (one.state === "unasked" ? onlyNamed(one) : monitor(one, now)))}</section>
`
}</div>`;
}

function monitor(snapshot: RelatedSnapshot, now: number): Html {
  const { key, title, status, services, counts } = snapshot;
  const trouble = services.filter((one) => one.status !== "ok").slice(0, MOST);
  const well = services.filter((one) => one.status === "ok").slice(0, MOST);
  const left = STATUSES.reduce((sum, one) => sum + counts[one], 0) - trouble.length - well.length;
  const open = status !== "ok" || services.length <= UNFOLD;
  return html`<details class="group monitor" data-key="related ${key}" data-status="${status}"${open && html` open`}>
<summary><h3>${title}</h3><span class="tally">${tally(snapshot)}</span></summary>
${heard(snapshot, now)}
${
  services.length > 0 &&
  html`<div class="card"><ul class="rows">
${[...trouble, ...well].map((one) => row(snapshot, one, now))}</ul></div>
`
}${left > 0 && html`<p class="heard">${left} more are not shown here.</p>`}
</details>
`;
}

function tally({ state, counts }: RelatedSnapshot): HtmlValue {
  if (state === "dead") return html`<span class="critical">${shape("critical")}dead</span>`;
  if (state === "pending") return html`<span class="pending">${shape("pending")}pending</span>`;
  return STATUSES.map(
    (one) => counts[one] > 0 && html`<span class="${one}">${shape(one)}${counts[one]} ${one}</span>`,
  );
}

function onlyNamed(snapshot: RelatedSnapshot): Html {
  return html`<p class="heard">${place(snapshot)} <span>named by another lifeguard: not asked from here</span></p>
`;
}

function place({ href, link }: RelatedSnapshot): Html {
  const safe = link === undefined ? undefined : externalHref(link);
  return safe === undefined
    ? html`<span>${href}</span>`
    : html`<a href="${safe}" rel="noreferrer">${href}</a>`;
}

/** Where it is, when it was heard, and why it is not. */
function heard(snapshot: RelatedSnapshot, now: number): Html {
  const { state, error, deadSince, heard: last } = snapshot;
  const when = last === null ? html`never heard` : html`last heard ${elapsed(last, now)} ago`;
  return html`<p class="heard">${place(snapshot)} <span>${state === "pending" ? "not heard yet" : when}</span></p>
${
  state === "dead" &&
  html`<p class="heard critical">${shape("critical")}<span>${deadSince !== null && html`dead for ${elapsed(deadSince, now)}: `}${error}</span></p>`
}`;
}

/** What a dead monitor told is no longer to be trusted, as with a stale service of our own. */
function row({ key, state }: RelatedSnapshot, service: RelatedService, now: number): Html {
  const { id, title, status, message, since, page } = service;
  const word = state === "dead" ? "stale" : status;
  const safe = page === undefined ? undefined : externalHref(page);
  return html`<li class="row ${word}" data-key="related ${key} ${id}">
<span class="state">${shape(word)}${word}</span>
<div class="what">${safe === undefined ? html`<strong>${title}</strong>` : html`<a href="${safe}" rel="noreferrer">${title}</a>`}<p>${state === "dead" ? `was ${status}: ${message}` : message}</p></div>
<span class="since">${state !== "dead" && since !== null && html`for ${elapsed(since, now)}`}</span>
</li>
`;
}
