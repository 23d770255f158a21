import { xml } from "./xml.ts";

/** A monitor and its feed. All URLs are absolute. */
export interface Outline {
  readonly title: string;
  /** Its page. */
  readonly page: string;
  readonly feed: string;
  /** The folder with its documents, `monitor.global.json` among them. */
  readonly documents: string;
}

/**
 * The feeds of some monitors as OPML 2.0 (opml.org/spec2.opml), as SlapOS's monitor lists them: one outline each within one for all, where
 * `url` leads its application to the documents of the monitor.
 * @param created RFC 3339
 */
export function opml(title: string, created: string, outlines: readonly Outline[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0">
<head>
<title>${xml(title)}</title>
<dateCreated>${new Date(created).toUTCString()}</dateCreated>
<docs>http://opml.org/spec2.opml</docs>
</head>
<body>
<outline text="Monitoring RSS Feed list">
${outlines.map(outline).join("")}</outline>
</body>
</opml>
`;
}

/** The format's word for every version of RSS from 0.91 to 2.0 is `RSS`. */
function outline({ title, page, feed, documents }: Outline): string {
  const attributes = {
    text: title,
    title,
    type: "rss",
    version: "RSS",
    htmlUrl: page,
    xmlUrl: feed,
    url: documents,
  };
  const written = Object.entries(attributes).map(
    ([name, value]) => `${name}="${xml(value.replace(/\s+/g, " "))}"`,
  );
  return `<outline ${written.join(" ")}/>\n`;
}
