import type { SubjectState } from "../../../plugin/index.ts";
import { serviceUrls } from "../service-urls.ts";
import type { Scope } from "../site.ts";
import { type Html, html } from "./html.ts";
import { runForm } from "./run-form.ts";
import { shape } from "./shapes.ts";
import { elapsed } from "./time.ts";
import { keyOf, messageOf, titleOf, wordOf } from "./words.ts";

/** One service in the overview. */
export function row(scope: Scope, state: SubjectState, now: number): Html {
  const word = wordOf(state);
  const urls = serviceUrls(scope, state);
  return html`<li class="row ${word}" data-key="${keyOf(state)}">
<span class="state">${shape(word)}${word}</span>
<div class="what"><a href="${urls.page}">${titleOf(state)}</a><p>${messageOf(state)}</p></div>
<span class="since">${word !== "pending" && html`for ${elapsed(state.stale === null ? state.since : state.seen, now)}`}</span>
${runForm(state, urls, scope, "overview")}
</li>
`;
}
