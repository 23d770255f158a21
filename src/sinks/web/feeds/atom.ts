import type { Feed, FeedItem } from "./feed.ts";
import { xml } from "./xml.ts";

/** The feed as Atom 1.0 (RFC 4287). What happened does not change afterwards, so an entry is published and updated at the same time. */
export function atom({ id, title, link, self, updated, items }: Feed): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">
<id>${id}</id>
<title>${xml(title)}</title>
<subtitle>${xml(`Changes of status: ${title}`)}</subtitle>
<updated>${updated}</updated>
<author><name>${xml(title)}</name></author>
<generator>lifeguard</generator>
<link rel="self" type="application/atom+xml" href="${xml(self)}"/>
<link rel="alternate" type="text/html" href="${xml(link)}"/>
${items.map(entry).join("")}</feed>
`;
}

function entry({ id, title, summary, status, link, time }: FeedItem): string {
  return `<entry>
<id>${id}</id>
<title>${xml(title)}</title>
<link rel="alternate" type="text/html" href="${xml(link)}"/>
<published>${time}</published>
<updated>${time}</updated>
<category term="${status}"/>
<summary>${xml(summary)}</summary>
</entry>
`;
}
