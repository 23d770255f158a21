import type { Episode } from "../../../plugin/index.ts";
import { type HtmlValue, html } from "./html.ts";
import { shape } from "./shapes.ts";
import { absolute, duration } from "./time.ts";

/**
 * Stretches of not-ok, newest first: when each began and ended, how long it was, how bad, and why.
 * @param more whether there were more than these
 * @param within what people read for the time that they are of
 */
export function timeline(episodes: readonly Episode[], more: boolean, within: string): HtmlValue {
  return html`<section aria-labelledby="episodes"><h2 id="episodes">Episodes</h2>
${
  episodes.length === 0
    ? html`<p class="none">None in the last ${within}.</p>`
    : html`<ol class="episodes">
${episodes.map(
  ({ began, ended, duration: length, worst, message, state }) =>
    html`<li class="${worst}${ended === null && " lasting"}"><div class="state">${shape(worst)}${worst}</div><div><p><b>${ended === null ? html`for ${duration(length)}, still going on` : duration(length)}</b> <span class="when"><time datetime="${began}">${absolute(began)}</time>${ended !== null && html` to <time datetime="${ended}">${absolute(ended)}</time>`}</span></p><p>${message === "" ? state : message}</p></div></li>
`,
)}</ol>${more && html`<p class="none">There were more than these.</p>`}`
}</section>
`;
}
