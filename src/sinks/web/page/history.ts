import type { Envelope } from "../../../plugin/index.ts";
import { type HtmlValue, html } from "./html.ts";
import { shape } from "./shapes.ts";
import { absolute } from "./time.ts";

/**
 * Some events of one service, newest first; nothing when there are none.
 * @param heading what they have in common
 */
export function history(heading: string, envelopes: readonly Envelope[]): HtmlValue {
  if (envelopes.length === 0) return null;
  return html`<section><h2>${heading}</h2><ol class="history">
${envelopes.map(
  ({ event }) =>
    html`<li><time datetime="${event.time}">${absolute(event.time)}</time><span class="state ${event.status}">${shape(event.status)}${event.status}</span><span>${event.message}</span></li>
`,
)}</ol></section>`;
}
