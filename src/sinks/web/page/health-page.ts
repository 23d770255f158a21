import { type Health, type Silence, worstStatus } from "../../../plugin/index.ts";
import type { Scope } from "../site.ts";
import { type Html, html } from "./html.ts";
import { layout } from "./layout.ts";
import { shape } from "./shapes.ts";
import { silenceTable } from "./silenced.ts";
import { elapsed } from "./time.ts";

/** What the page about lifeguard itself is made of. */
export interface OwnHealth {
  readonly scope: Scope;
  readonly health: Health;
  readonly silences: readonly Silence[];
  /** Where the events after this rendering begin. */
  readonly position: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** The page about lifeguard itself: its configuration, every source and sink, and the silences that hold. */
export function healthPage({ scope, health, silences, position, now }: OwnHealth): Html {
  const { lists, title, site } = scope;
  const error = health.configError();
  const components = health.components();
  const status = worstStatus(components.map((one) => one.status));
  return layout({
    title: `Status of lifeguard · ${title}`,
    scope,
    home: { href: `${lists}/`, title },
    events: `${lists}/events?pulse&types=lifeguard.*`,
    main: html`<article id="page" class="service" data-position="${position}">
<h1>Status of lifeguard itself</h1>
<section class="verdict ${status}" aria-label="Verdict">
${shape(status)}
<div><p class="headline" role="status">${status === "ok" ? "Every component works" : "Not every component works"}</p><p class="since">${error === null ? "The configuration that runs is the one on disk." : "The changed configuration was refused; the one before it is still running."}</p></div>
</section>
${error !== null && html`<section aria-labelledby="config"><h2 id="config">Why the configuration was refused</h2><pre tabindex="0">${error}</pre></section>`}
<section aria-labelledby="components"><h2 id="components">Components</h2>
<div class="scroll" tabindex="0" role="region" aria-label="Table of components"><table class="texts">
<thead><tr><th scope="col">Component</th><th scope="col">State</th><th scope="col">For</th><th scope="col">Message</th></tr></thead>
<tbody>${components.map(
      (one) =>
        html`<tr><th scope="row">${one.id}</th><td><span class="state ${one.status}">${shape(one.status)}${one.state}</span></td><td class="for">${one.since !== "" && elapsed(one.since, now)}</td><td>${one.message}</td></tr>
`,
    )}</tbody></table></div></section>
${silenceTable(silences)}
<p class="raw"><a href="${site.prefix}/readyz">As JSON</a> <a href="${site.prefix}/metrics">Metrics</a></p>
</article>`,
  });
}
