import { STATUSES } from "../../../plugin/index.ts";
import type { Scope } from "../site.ts";
import { type Html, type HtmlValue, html } from "./html.ts";
import type { SilenceOf } from "./listing.ts";
import { shape } from "./shapes.ts";
import { elapsed } from "./time.ts";
import { type Verdict, verdictOf } from "./verdict.ts";

/**
 * What all services and related monitors together come to. Each count leads to the services that it counts.
 * @param now milliseconds since the epoch
 */
export function banner(
  { status, headline, since, beside, counts, silenced, related }: Verdict,
  lists: string,
  now: number,
): Html {
  return html`<section class="verdict ${status}" aria-label="Verdict">
${shape(status)}
<div><p class="headline" role="status">${headline}</p>${since !== null && html`<p class="since">for ${elapsed(since, now)}</p>`}${beside !== null && html`<p class="beside">${beside}</p>`}</div>
<ul class="counts">${STATUSES.map(
    (one) =>
      counts[one] > 0 &&
      html`<li class="${one}"><a href="${lists}/?status=${one}">${shape(one)}<b>${counts[one]}</b> ${one}</a></li>`,
  )}${silenced > 0 && html`<li class="silenced"><a href="${lists}/?status=silenced">${shape("silenced")}<b>${silenced}</b> silenced</a></li>`}${related && related.status !== "ok" && html`<li class="${related.status}"><a href="#related">${shape(related.status)}<b>${related.trouble}</b> related</a></li>`}</ul>
</section>
`;
}

/** With several instances, the way from each to the others. */
export function instances(scope: Scope, silenceOf: SilenceOf): HtmlValue {
  const all = [...scope.site.instances().values()];
  if (all.length < 2) return null;
  return html`<nav aria-label="Instances"><ul>
<li><a href="${scope.site.root().lists}/"${scope.instance === undefined && html` aria-current="page"`}>All</a></li>
${all.map((one) => {
  const { status } = verdictOf(one.states, silenceOf);
  return html`<li class="${status}"><a href="${one.lists}/"${one.instance === scope.instance && html` aria-current="page"`}>${shape(status)}${one.title}</a></li>`;
})}
</ul></nav>`;
}
