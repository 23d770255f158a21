import type { Feed, FeedItem } from "./feed.ts";
import { xml } from "./xml.ts";

/** Minutes that a reader may keep the feed. */
const TTL = 1;

/**
 * The feed as RSS 2.0 (RSS Advisory Board, 2.0.11): one item a change, whose guid never changes. It is written by hand because the
 * packages that do so let through characters that XML forbids, and dates of now where nothing changed.
 */
export function rss({ title, link, self, updated, items }: Feed): string {
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
<lastBuildDate>${rfc822(updated)}</lastBuildDate>
<atom:link href="${xml(self)}" rel="self" type="application/rss+xml"/>
${items.map(item).join("")}</channel>
</rss>
`;
}

/** Readers take a description for HTML, so its text is escaped as HTML first. */
function item({ id, title, summary, status, link, time }: FeedItem): string {
  return `<item>
<title>${xml(title)}</title>
<link>${xml(link)}</link>
<description>${xml(xml(summary))}</description>
<category>${status}</category>
<guid isPermaLink="false">${id}</guid>
<pubDate>${rfc822(time)}</pubDate>
</item>
`;
}

/** RFC 822 with the four digits of the year that RSS asks for. */
function rfc822(time: string): string {
  return new Date(time).toUTCString();
}
