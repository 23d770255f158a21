import { compareStatus, type Json, STATUSES, type SubjectState } from "../../../plugin/index.ts";
import { assetUrl } from "../assets.ts";
import { type Html, html } from "../page/html.ts";
import type { SilenceOf } from "../page/listing.ts";
import { relatedVerdict } from "../page/related-verdict.ts";
import { SHAPES, shape } from "../page/shapes.ts";
import { absolute, elapsed } from "../page/time.ts";
import { type Verdict, verdictOf } from "../page/verdict.ts";
import { messageOf, shownSince, titleOf, wordOf } from "../page/words.ts";
import type { RelatedSnapshot } from "../related/snapshot.ts";
import { serviceUrls } from "../service-urls.ts";
import type { Scope } from "../site.ts";

/** Most services that are named. */
const MOST = 20;
/** Seconds until it loads itself again. */
const AGAIN = 60;

/** What a root comes to, and the worst of what is in trouble. */
export interface Summary {
  readonly scope: Scope;
  readonly verdict: Verdict;
  readonly trouble: readonly SubjectState[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * Sums up a root.
 * @param related its related monitors, as far as they are shown to whoever asks
 */
export function summaryOf(
  scope: Scope,
  silenceOf: SilenceOf,
  related: readonly RelatedSnapshot[],
  now: number,
): Summary {
  const trouble = scope.states
    .filter((state) => state.status !== "ok" && !silenceOf(state))
    .sort((a, b) => compareStatus(a.status, b.status) || (shownSince(a) < shownSince(b) ? -1 : 1))
    .slice(0, MOST);
  return { scope, verdict: verdictOf(scope.states, silenceOf, relatedVerdict(related)), trouble, now };
}

/**
 * The summary as a small page that others show in a frame.
 * @param again whether it loads itself again now and then, which interrupts those who have it read to them
 */
export function summaryPage({ scope, verdict, trouble, now }: Summary, again: boolean): Html {
  const { status, headline, since, beside, counts } = verdict;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
${again && html`<meta http-equiv="refresh" content="${AGAIN}">`}
<title>${scope.title}: ${headline}</title>
<link rel="stylesheet" href="${scope.site.prefix}${assetUrl("page.css")}">
</head>
<body class="summary">
${SHAPES}
<main>
<h1><a href="${scope.lists}/" target="_blank" rel="noopener">${scope.title}</a></h1>
<section class="verdict ${status}" aria-label="Verdict">
${shape(status)}
<div><p class="headline">${headline}</p>${since !== null && html`<p class="since">for ${elapsed(since, now)}</p>`}${beside !== null && html`<p class="beside">${beside}</p>`}</div>
<ul class="counts">${STATUSES.map((one) => counts[one] > 0 && html`<li class="${one}">${shape(one)}<b>${counts[one]}</b> ${one}</li>`)}</ul>
</section>
<ul class="brief">
${trouble.map((state) => {
  const word = wordOf(state);
  return html`<li><span class="state ${word}">${shape(word)}${word}</span> <a href="${serviceUrls(scope, state).page}" target="_blank" rel="noopener">${titleOf(state)}</a> <span class="since">for ${elapsed(shownSince(state), now)}</span></li>
`;
})}</ul>
<p class="when">${absolute(new Date(now).toISOString())}</p>
</main>
</body>
</html>
`;
}

/** The same for programs. */
export function summaryJson({ scope, verdict, trouble, now }: Summary): Json {
  const { status, headline, since, beside, counts, silenced } = verdict;
  return {
    title: scope.title,
    date: new Date(now).toISOString(),
    status,
    headline,
    since,
    beside,
    counts: { ...counts, silenced },
    trouble: trouble.map((state) => ({
      subject: state.subject,
      title: titleOf(state),
      status: state.status,
      state: wordOf(state),
      message: messageOf(state),
      since: shownSince(state),
      href: serviceUrls(scope, state).page,
    })),
  };
}
