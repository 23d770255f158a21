import { type Asset, assetUrl } from "../assets.ts";
import type { Scope, Site } from "../site.ts";
import { type Html, type HtmlValue, html } from "./html.ts";
import { ownLinks } from "./own-links.ts";
import { SHAPES } from "./shapes.ts";

/** Where the same changes are served in either format. */
interface Feeds {
  readonly rss: string;
  readonly atom: string;
}

/** What every page has. */
export interface Layout {
  /** Of the browser's tab. */
  readonly title: string;
  /** What it belongs to; of a page that belongs to no root only where that would be. */
  readonly scope: Scope | (Pick<Scope, "lists"> & { readonly site: Pick<Site, "prefix"> });
  /** Way back and name of the root, for the header. */
  readonly home: { readonly href: string; readonly title: string };
  /** Whether the name in the header is the page's own heading. */
  readonly homeIsHeading?: boolean;
  /** Address of the events that change this page. Absent: it is never updated. */
  readonly events?: string;
  /** Links and the like under the header's name. */
  readonly navigation?: HtmlValue;
  /** Feeds of what this page is about, where it is about a part of the root. */
  readonly feeds?: Feeds;
  /** Where a style and a script are that stand in place of ours. */
  readonly own?: Partial<Record<"monitor.css" | "monitor.js", string>> | undefined;
  readonly main: HtmlValue;
}

/** A whole page. */
export function layout(page: Layout): Html {
  const { scope, home, navigation, feeds, own = {}, main } = page;
  const { lists, site } = scope;
  const asset = (name: Asset) => site.prefix + assetUrl(name);
  const name = html`<a href="${home.href}">${home.title}</a>`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${page.title}</title>
<link rel="icon" href="${asset("icon.svg")}" type="image/svg+xml">
<link rel="stylesheet" href="${own["monitor.css"] ?? asset("page.css")}">
${feeds !== undefined && alternates("Changes of this service", feeds)}${alternates("Changes", { rss: `${lists}/feed`, atom: `${lists}/feed.atom` })}
<link rel="alternate" type="application/hal+json" title="HAL" href="${lists}/monitor.haljson">
${page.events !== undefined && html`<script type="module" src="${own["monitor.js"] ?? asset("page.js")}"></script>`}
</head>
<body${page.events !== undefined && html` data-events="${page.events}"`}>
${SHAPES}
<a class="skip" href="#main">Skip to the content</a>
<header>
${page.homeIsHeading ? html`<h1>${name}</h1>` : html`<p class="home">${name}</p>`}
<p id="live" class="live" hidden></p>
${navigation}
</header>
<main id="main">
${main}
</main>
<footer>
<ul>
<li><a href="${lists}/feed">RSS feed</a></li>
<li><a href="${lists}/monitor.haljson">HAL</a></li>
${"states" in scope && ownLinks(scope)}</ul>
<p>lifeguard</p>
</footer>
</body>
</html>
`;
}

function alternates(title: string, { rss, atom }: Feeds): Html {
  return html`<link rel="alternate" type="application/rss+xml" title="${title}" href="${rss}">
<link rel="alternate" type="application/atom+xml" title="${title} (Atom)" href="${atom}">
`;
}
