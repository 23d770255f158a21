import { type Health, STATUSES } from "../../../plugin/index.ts";
import type { Scope } from "../site.ts";
import { groupSection, groupStates } from "./group.ts";
import { type Html, type HtmlValue, html } from "./html.ts";
import { layout } from "./layout.ts";
import { notices } from "./notices.ts";
import { relatedMonitors } from "./related.ts";
import { row } from "./row.ts";
import { shape } from "./shapes.ts";
import { elapsed } from "./time.ts";
import { type Verdict, verdictOf } from "./verdict.ts";
import { WELCOME } from "./welcome.ts";

/** Up to so many services everything is unfolded; above, only what is in trouble. */
const UNFOLD_ALL = 60;

/** Events of every kind change the overview: verdicts, descriptions, own health. */
const EVENTS = "types=*&types=subject.*&types=lifeguard.*";

/** What the overview is made of. */
export interface Overview {
  readonly scope: Scope;
  readonly health: Health;
  /** Where the events after this rendering begin. */
  readonly position: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** The page of a root: the verdict, what is wrong with lifeguard itself, and every service, failing first. */
export function overview({ scope, health, position, now }: Overview): Html {
  const { states, lists, title } = scope;
  const verdict = verdictOf(states);
  const bad = verdict.counts.critical + verdict.counts.warning;
  const groups = groupStates(states);
  const brief = states.length > UNFOLD_ALL;
  return layout({
    title: bad > 0 ? `(${bad}) ${title}` : title,
    scope,
    home: { href: `${lists}/`, title },
    homeIsHeading: true,
    navigation: instances(scope),
    events: `${lists}/events?${EVENTS}`,
    main: html`<div id="page" data-position="${position}">
${banner(verdict, now)}
${scope.site.may("operate", null) && notices(health)}
${states.length === 0 && scope.site.may("operate", null) && WELCOME}
${groups.map((group) => {
  const open = !brief || group.status !== "ok" || groups.length === 1;
  return groupSection(group, { open, brief }, (state) => row(scope, state, now));
})}
${relatedMonitors(scope)}
</div>`,
  });
}

function banner({ status, headline, since, counts }: Verdict, now: number): Html {
  return html`<section class="verdict ${status}" aria-label="Verdict">
${shape(status)}
<div><p class="headline" role="status">${headline}</p>${since !== null && html`<p class="since">for ${elapsed(since, now)}</p>`}</div>
<ul class="counts">${STATUSES.map((one) => counts[one] > 0 && html`<li class="${one}">${shape(one)}<b>${counts[one]}</b> ${one}</li>`)}</ul>
</section>
`;
}

/** With several instances, the way from each to the others. */
function instances(scope: Scope): HtmlValue {
  const all = [...scope.site.instances().values()];
  if (all.length < 2) return null;
  return html`<nav aria-label="Instances"><ul>
<li><a href="${scope.site.root().lists}/"${scope.instance === undefined && html` aria-current="page"`}>All</a></li>
${all.map((one) => {
  const { status } = verdictOf(one.states);
  return html`<li class="${status}"><a href="${one.lists}/"${one === scope && html` aria-current="page"`}>${shape(status)}${one.title}</a></li>`;
})}
</ul></nav>`;
}
