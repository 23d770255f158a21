import type { Health, Silence } from "../../../plugin/index.ts";
import type { DaySummary } from "../past/day-cache.ts";
import type { RelatedSnapshot } from "../related/snapshot.ts";
import type { Difference } from "../revisions.ts";
import type { Scope } from "../site.ts";
import { banner, instances } from "./banner.ts";
import { findForm, labelsOf } from "./find-form.ts";
import { groupSection } from "./group.ts";
import { type Html, type HtmlValue, html } from "./html.ts";
import { type Layout, layout } from "./layout.ts";
import { type Group, listGroups, type SilenceOf } from "./listing.ts";
import { notices } from "./notices.ts";
import { relatedMonitors } from "./related.ts";
import { relatedVerdict } from "./related-verdict.ts";
import type { RowCache } from "./row-cache.ts";
import { offersRun } from "./run-form.ts";
import { silenceTable } from "./silenced.ts";
import type { TitleOrder } from "./title-order.ts";
import { type Verdict, verdictOf } from "./verdict.ts";
import { showsAll, testOf, type View } from "./view.ts";
import { WELCOME } from "./welcome.ts";

/** Up to so many services everything is unfolded; above, only what is in trouble. */
const UNFOLD_ALL = 60;

/** Events of every kind change the overview: verdicts, descriptions, own health. That there are some is all that the page asks. */
const EVENTS = "pulse&types=*&types=subject.*&types=lifeguard.*";

type State = Scope["states"][number];

/** What the overview is made of. */
export interface Overview extends Pick<Layout, "own"> {
  readonly scope: Scope;
  readonly related: readonly RelatedSnapshot[];
  readonly health: Health;
  readonly view: View;
  readonly order: TitleOrder;
  readonly rowCache: RowCache;
  /** Those that hold now. */
  readonly silences: readonly Silence[];
  readonly silenceOf: SilenceOf;
  /** The last days of a service. Absent: there is no history. */
  readonly daysOf?: ((state: State) => DaySummary | undefined) | undefined;
  /** Grows with every difference of days. */
  readonly daysVersion: number;
  readonly idOf: (state: State) => number;
  /** Where the events after this rendering begin. */
  readonly position: string;
  /** What to ask with for what is new after this rendering. */
  readonly revision: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** The page of a root: the verdict, what is wrong with lifeguard itself, and the services, failing first. */
export function overview(parts: Overview): Html {
  const { lists, title } = parts.scope;
  const verdict = verdictFor(parts);
  return layout({
    own: parts.own,
    title: tabTitle(title, verdict),
    scope: parts.scope,
    home: { href: `${lists}/`, title },
    homeIsHeading: true,
    navigation: instances(parts.scope, parts.silenceOf),
    events: `${lists}/events?${EVENTS}`,
    main: content(parts, verdict),
  });
}

/**
 * What of the overview is new: its head, and of its groups only the rows that differ, each with what follows it. The page's script lays it
 * over what it shows.
 */
export function overviewChanges(parts: Overview, difference: Difference): Html {
  const verdict = verdictFor(parts);
  return html`<!doctype html><title>${tabTitle(parts.scope.title, verdict)}</title>
<header>${instances(parts.scope, parts.silenceOf)}</header>
${content(parts, verdict, difference)}`;
}

function verdictFor({ scope, silenceOf, related }: Overview): Verdict {
  return verdictOf(scope.states, silenceOf, relatedVerdict(related));
}

/** What a browser's tab says: how much is in trouble comes first, as a narrow tab shows no more. */
function tabTitle(title: string, { counts, related }: Verdict): string {
  const bad = counts.critical + counts.warning + (related?.bad ?? 0);
  return bad > 0 ? `(${bad}) ${title}` : title;
}

function content(parts: Overview, verdict: Verdict, difference?: Difference): Html {
  const { scope, health, view, order, silenceOf, position, revision, now } = parts;
  const { states, lists, site } = scope;
  const operate = site.may("operate", null);
  const test = showsAll(view) ? () => true : testOf(view);
  const shown = states.filter((state) => test(state, silenceOf(state)));
  const groups = listGroups(shown, order, silenceOf);
  return html`<div id="page" data-position="${position}" data-revision="${revision}"${difference && html` data-changes="${gone(parts, shown, difference)}"`}>
<div class="head">
${banner(verdict, lists, now)}
${operate && notices(health)}
${states.length === 0 ? operate && parts.related.length === 0 && WELCOME : findForm({ lists, view, labels: labelsOf(states), shown: shown.length, all: states.length })}
${operate && view.kinds.includes("silenced") && silenceTable(parts.silences)}
</div>
<div class="groups${parts.daysOf && " with-past"}${shown.some((state) => offersRun(state, site)) && " with-run"}">
${groups.map((group, at) => section(parts, group, shown.length, groups[at + 1]?.name ?? "", difference))}
${states.length > 0 && shown.length === 0 && html`<p class="nothing">No service is like that. <a href="${lists}/">Show all</a></p>`}
</div>
${!difference && relatedMonitors(scope, parts.related, now)}
</div>`;
}

/** Ids of what differs and is not shown any more, with spaces between them. */
function gone({ idOf }: Overview, shown: readonly State[], { ids }: Difference): string {
  const here = new Set(shown.map(idOf));
  return ids.filter((id) => !here.has(id)).join(" ");
}

/** The rows of a list; of a difference only those that differ, each with the id of what follows it, 0 for the last. */
function rows(
  parts: Overview,
  states: readonly State[],
  difference: Difference | undefined,
): readonly Html[] {
  const { scope, silenceOf, daysOf, daysVersion, rowCache, idOf, now } = parts;
  return states.flatMap((state, at) => {
    if (difference && !difference.changed(state)) return [];
    const following = states[at + 1];
    return rowCache.row(
      {
        state,
        id: idOf(state),
        scope,
        silence: silenceOf(state),
        days: daysOf?.(state),
        withDays: daysOf !== undefined,
        next: difference && (following ? idOf(following) : 0),
      },
      daysVersion,
      now,
    );
  });
}

/**
 * One group, or what is new of it; nothing of a group that is the same as before.
 * @param next name of the group that follows
 */
function section(
  parts: Overview,
  group: Group,
  shown: number,
  next: string,
  difference: Difference | undefined,
): HtmlValue {
  if (difference && !difference.groups.has(group.name)) return null;
  const { view, silenceOf } = parts;
  const brief = shown > UNFOLD_ALL && showsAll(view);
  const open = !brief || group.trouble.length > 0 || shown === group.well.length;
  return groupSection(
    {
      group,
      open,
      brief,
      trouble: rows(parts, group.trouble, difference),
      well: rows(parts, group.well, difference),
      next: difference && next,
    },
    silenceOf,
  );
}
