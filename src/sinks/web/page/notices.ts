import type { Health } from "../../../plugin/index.ts";
import { type HtmlValue, html } from "./html.ts";
import { shape } from "./shapes.ts";

/** What is wrong with lifeguard itself: a refused configuration, and components that are not ok. Nothing while all is well. */
export function notices(health: Health): HtmlValue {
  const error = health.configError();
  const troubled = health.components().filter(({ status }) => status !== "ok");
  if (error === null && troubled.length === 0) return null;
  return html`<section class="notices" aria-labelledby="own-health">
<h2 id="own-health">About lifeguard itself</h2>
${
  error !== null &&
  html`<div class="notice critical">
<p>${shape("critical")}The changed configuration was refused; the one before it is still running.</p>
<pre tabindex="0">${error}</pre>
</div>`
}
${troubled.map(
  ({ id, state, status, message }) =>
    html`<div class="notice ${status}"><p>${shape(status)}<span><strong>${id}</strong> is ${state}${message !== "" && html`: ${message}`}</span></p></div>`,
)}
</section>
`;
}
