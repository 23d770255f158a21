import {
  type Board,
  type Envelope,
  isHousekeeping,
  type Silence,
  type SubjectState,
} from "../../../plugin/index.ts";
import type { ServicePast } from "../past/service-past.ts";
import { serviceUrls } from "../service-urls.ts";
import type { Scope } from "../site.ts";
import { facts } from "./facts.ts";
import { history } from "./history.ts";
import { type Html, type HtmlValue, html } from "./html.ts";
import { type Layout, layout } from "./layout.ts";
import { externalHref } from "./link.ts";
import { measured } from "./measure.ts";
import { runForm } from "./run-form.ts";
import { servicePast } from "./service-past.ts";
import { shape } from "./shapes.ts";
import { silencedUntil } from "./silenced.ts";
import { elapsed } from "./time.ts";
import { messageOf, shownSince, titleOf, wordOf } from "./words.ts";

/** The longest lists on the page. */
const CHANGES = 20;
const RESULTS = 10;

/** What a service's page is made of. */
export interface ServicePage extends Pick<Layout, "own"> {
  readonly scope: Scope;
  readonly state: SubjectState;
  readonly board: Board;
  /** What the history says about it. Absent: there is no history. */
  readonly past: ServicePast | undefined;
  readonly silence: Silence | undefined;
  /** Where the events after this rendering begin. */
  readonly position: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** The page of one service: all that is known about it. */
export function servicePage(page: ServicePage): Html {
  const { own: ownAssets, scope, state, board, past, silence, position, now } = page;
  const word = wordOf(state);
  const urls = serviceUrls(scope, state);
  const title = titleOf(state);
  const { description, links, resources } = state.description;
  const own = { subjects: [state.subject], sources: [state.source] };
  const mine = ({ event }: Envelope) => event.subject === state.subject && event.origin === state.origin;
  return layout({
    own: ownAssets,
    title: `${title}: ${word} · ${scope.title}`,
    scope,
    home: { href: `${scope.lists}/`, title: scope.title },
    feeds: urls,
    events: `${scope.lists}/events?pulse&${new URLSearchParams([
      ["subjects", state.subject],
      ["types", "*"],
      ["types", "subject.*"],
    ])}`,
    main: html`<article id="page" class="service" data-position="${position}" data-whole="">
<h1>${title}</h1>
<section class="verdict ${word}" aria-label="Verdict">
${shape(word)}
<div><p class="headline" role="status">${word}</p>${word !== "pending" && html`<p class="since">for ${elapsed(shownSince(state), now)}</p>`}${silencedUntil(silence)}</div>
${runForm(state, urls, scope, "service")}
</section>
${messageOf(state) !== "" && html`<p class="message">${messageOf(state)}</p>`}
${description !== undefined && html`<p class="description">${description}</p>`}
${past && servicePast(past, state, urls.page, scope.site.may("operate", null))}
<section><h2>State</h2><dl>
<div><dt>State</dt><dd>${state.state}</dd></div>
<div><dt>Last seen</dt><dd>${word === "pending" ? "never" : html`${elapsed(state.seen, now)} ago`}</dd></div>
<div><dt>Subject</dt><dd><code>${state.subject}</code></dd></div>
<div><dt>Source</dt><dd>${state.source}</dd></div>
<div><dt>Group</dt><dd>${state.group}</dd></div>
${Object.entries(state.event?.labels ?? {}).map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}
</dl></section>
${measures(state)}
${facts(state.event?.data ?? null)}
${list(
  "Files",
  resources
    ?.filter((one) => one.public || scope.site.may("open", state.subject))
    .map(
      ({ name, public: open }) =>
        html`<a href="${urls.file(name, open ? "public" : "private")}">${name}</a>${!open && " (private)"}`,
    ),
)}
${list("Links", links?.map(link))}
${!past?.episodes && history("Recent changes", board.changes(CHANGES, own).filter(mine))}
${history(
  "Latest results",
  board
    .recent(RESULTS * 3, own)
    .filter((one) => mine(one) && !isHousekeeping(one.event.type))
    .slice(0, RESULTS),
)}
<p class="raw"><a href="${urls.status}">status.json</a> <a href="${urls.history}">history.json</a> <a href="${urls.rss}">RSS feed</a></p>
</article>`,
  });
}

function measures({ measures: all }: SubjectState): HtmlValue {
  const entries = Object.entries(all);
  if (entries.length === 0) return null;
  const limited = entries.some(([, { warn, crit }]) => warn !== undefined || crit !== undefined);
  return html`<section><h2>Measures</h2><div class="scroll" tabindex="0" role="region" aria-label="Measures"><table>
<thead><tr><th scope="col">Measure</th><th scope="col">Value</th>${limited && html`<th scope="col">Warning</th><th scope="col">Critical</th>`}</tr></thead>
<tbody>${entries.map(
    ([name, measure]) =>
      html`<tr><th scope="row">${name}</th><td>${measured(measure)}</td>${limited && html`<td>${limit(measure.warn, measure.unit)}</td><td>${limit(measure.crit, measure.unit)}</td>`}</tr>
`,
  )}</tbody></table></div></section>`;
}

function limit(value: number | string | undefined, unit: string): string {
  return typeof value === "number" ? measured({ value, unit }) : (value ?? "");
}

function link({ rel, href, title }: { rel: string; href: string; title?: string | undefined }): Html {
  const safe = externalHref(href);
  const words = title ?? `${rel}: ${href}`;
  return safe === undefined ? html`${words}` : html`<a href="${safe}" rel="noreferrer">${words}</a>`;
}

function list(heading: string, items: readonly Html[] | undefined): HtmlValue {
  if (items === undefined || items.length === 0) return null;
  return html`<section><h2>${heading}</h2><ul>${items.map((item) => html`<li>${item}</li>`)}</ul></section>`;
}
