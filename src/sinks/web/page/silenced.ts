import type { Silence } from "../../../plugin/index.ts";
import { type Html, type HtmlValue, html } from "./html.ts";
import { absolute } from "./time.ts";

/** Until when nobody is told of a service, and why; nothing where somebody is. */
export function silencedUntil(silence: Silence | undefined): HtmlValue {
  if (!silence) return null;
  const { kind, until, why } = silence;
  return html`<span class="hush">${kind === "maintenance" ? "In maintenance" : "Silenced"} until <time datetime="${until}">${absolute(until)}</time>${why !== "" && html`: ${why}`}</span>`;
}

/** All silences that hold now, as a table; nothing while there is none. */
export function silenceTable(silences: readonly Silence[]): HtmlValue {
  if (silences.length === 0) return null;
  return html`<section aria-labelledby="silences"><h2 id="silences">Silences that hold now</h2>
<div class="scroll" tabindex="0" role="region" aria-label="Table of silences"><table class="texts">
<thead><tr><th scope="col">Of</th><th scope="col">Until</th><th scope="col">Why</th><th scope="col">By</th></tr></thead>
<tbody>${silences.map(
    (silence) =>
      html`<tr><th scope="row">${scopeOf(silence)}</th><td><time datetime="${silence.until}">${absolute(silence.until)}</time></td><td>${silence.why}</td><td>${silence.kind === "maintenance" ? "maintenance window" : silence.by}</td></tr>
`,
  )}</tbody></table></div></section>`;
}

function scopeOf({ subjects, labels }: Silence): Html {
  const wanted = Object.entries(labels).map(([name, values]) => `${name}=${values.join("|")}`);
  return html`<code>${[...subjects, ...wanted].join(" ")}</code>`;
}
