import type { Status } from "../../../plugin/index.ts";
import type { RelatedService } from "./service.ts";

/** What is known about a related monitor. It never changes after it was handed out. */
export interface RelatedSnapshot {
  /** Tells it from all others. */
  readonly key: string;
  /** As configured, without a login. */
  readonly href: string;
  /** Its page; undefined where it is no URL that can be asked. */
  readonly link: string | undefined;
  readonly title: string;
  /**
   * `pending` was not heard yet, `dead` could not be heard at the last looks, or never can be. `unasked` is never asked, as only another
   * lifeguard names it.
   */
  readonly state: "pending" | "heard" | "dead" | "unasked";
  /** Its own verdict: the worst of its services; `critical` while it is dead, `unknown` while there is nothing to judge. */
  readonly status: Status;
  /** Why it could not be heard at the last look; null where it could. */
  readonly error: string | null;
  /** RFC 3339: since when it is dead; null while it is not, or where it never can be heard. */
  readonly deadSince: string | null;
  /** RFC 3339: when it was last heard. */
  readonly heard: string | null;
  readonly lifeguard: boolean;
  /** What it told when it was last heard, worst first. */
  readonly services: readonly RelatedService[];
  readonly counts: Readonly<Record<Status, number>>;
}

/** What is known of a monitor that was never heard. */
export function unheard(
  parts: Pick<RelatedSnapshot, "key" | "href" | "link" | "title"> & Partial<RelatedSnapshot>,
): RelatedSnapshot {
  return {
    state: "pending",
    status: "unknown",
    error: null,
    deadSince: null,
    heard: null,
    lifeguard: false,
    services: [],
    counts: { critical: 0, warning: 0, unknown: 0, ok: 0 },
    ...parts,
  };
}
