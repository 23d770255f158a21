import type { Status } from "../../../plugin/index.ts";

/** A feed of changes. All URLs are absolute. */
export interface Feed {
  /** A `urn:uuid:` that does not depend on where it is served. */
  readonly id: string;
  readonly title: string;
  /** The page that it belongs to. */
  readonly link: string;
  /** Where the feed itself is served. */
  readonly self: string;
  /** RFC 3339: when it last became different. */
  readonly updated: string;
  /** Newest first. */
  readonly items: readonly FeedItem[];
}

/** One change of one service. */
export interface FeedItem {
  /** A `urn:uuid:` that never changes. */
  readonly id: string;
  /** One line: verdict and name. */
  readonly title: string;
  /** Plain text: why. */
  readonly summary: string;
  readonly status: Status;
  /** Its page; that of the whole when it is no longer watched. */
  readonly link: string;
  /** RFC 3339: when it happened. */
  readonly time: string;
}
