import type { Envelope } from "../../../plugin/index.ts";

/** A feed of changes. All URLs are absolute. */
export interface Feed {
  readonly title: string;
  /** The page that it belongs to. */
  readonly link: string;
  /** Where the feed itself is served. */
  readonly self: string;
  /** Newest first. */
  readonly items: readonly FeedItem[];
}

/** One change of one service. */
export interface FeedItem {
  readonly envelope: Envelope;
  /** What the service is called. */
  readonly title: string;
  /** Its page; absent when it is no longer watched. */
  readonly link: string | undefined;
}

/** Minutes that a reader may keep the feed. */
const TTL = 1;

/** The feed as RSS 2.0 in UTF-8: one item a change, whose guid never changes. */
export function rss({ title, link, self, items }: Feed): string {
  const newest = items[0]?.envelope.event.time;
  return `<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom">
<channel>
<title>${xml(title)}</title>
<link>${xml(link)}</link>
<description>${xml(`Changes of status: ${title}`)}</description>
<language>en</language>
<generator>lifeguard</generator>
<docs>https://www.rssboard.org/rss-specification</docs>
<ttl>${TTL}</ttl>
<atom:link href="${xml(self)}" rel="self" type="application/rss+xml"/>
${newest === undefined ? "" : `<lastBuildDate>${rfc822(newest)}</lastBuildDate>\n`}${items.map(item).join("")}</channel>
</rss>
`;
}

/** Readers take a description for HTML, so its text is escaped as HTML first. */
function item({ envelope: { event, previous }, title, link }: FeedItem): string {
  const was = previous === null ? "" : ` (before: ${previous})`;
  return `<item>
<title>${xml(`[${event.status}] ${title}`)}</title>
${link === undefined ? "" : `<link>${xml(link)}</link>\n`}<description>${xml(xml(`${event.message || event.state}${was}`))}</description>
<category>${event.status}</category>
<guid isPermaLink="false">${xml(`${event.origin}:${event.id}`)}</guid>
<pubDate>${rfc822(event.time)}</pubDate>
</item>
`;
}

/** RFC 822 with the four digits of the year that RSS asks for. */
function rfc822(time: string): string {
  return new Date(time).toUTCString();
}

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Escapes for text and attributes, and replaces what XML 1.0 cannot hold. */
function xml(text: string): string {
  return text
    .replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, "\u{FFFD}")
    .replace(/[&<>"]/g, (character) => ESCAPES[character] as string);
}
