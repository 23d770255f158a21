import type { Description } from "./description.ts";
import type { Envelope, Event, Measure } from "./event.ts";
import type { Filter } from "./filter.ts";
import type { Status } from "./status.ts";

/** What is true now about one subject. A snapshot: it never changes after it was handed out. */
export interface SubjectState {
  readonly origin: string;
  readonly source: string;
  readonly subject: string;
  /** What to show: the last verdict, or `unknown` while `stale` says why it cannot be trusted. */
  readonly status: Status;
  readonly state: string;
  readonly message: string;
  /** RFC 3339: since when it has had the last verdict. */
  readonly since: string;
  /** RFC 3339: when it was last looked at, also where nothing changed. */
  readonly seen: string;
  /** Why the last verdict is no longer trusted; null while it is. */
  readonly stale: string | null;
  readonly episode: string | null;
  /** The last event with a verdict; null while there was none (registered, pending). */
  readonly event: Event | null;
  /** The latest measures, those of housekeeping events included. */
  readonly measures: Readonly<Record<string, Measure>>;
  readonly seq: number;
  readonly description: Description;
  /** The heading on the page: the source's `group:`, else the description's, else the instance. */
  readonly group: string;
  /** The root `/m/<instance>/`. */
  readonly instance: string;
}

/** What is said about an instance, the set of subjects behind one root `/m/<name>/`. */
export interface InstanceState {
  /** The lifeguard that says it. */
  readonly origin: string;
  readonly description: Description;
}

/** What is true now. */
export interface Board {
  /** Grows with every visible difference; equal versions mean an equal board. */
  readonly version: number;
  /** Every subject of every source, own health (`source` = `lifeguard`) and instances left out, by source and subject. */
  subjects(): readonly SubjectState[];
  /** The subject's states; more than one where several sources or origins watch it. */
  find(subject: string): readonly SubjectState[];
  /** What was said by `describe("instance/<name>", …)`, by name: the newest of this lifeguard, else the newest of another one. */
  instances(): ReadonlyMap<string, InstanceState>;
  /** The latest changes of status, newest first. */
  changes(limit: number, filter?: Filter): readonly Envelope[];
  /** The latest events of any kind, newest first; a short, bounded ring. */
  recent(limit: number, filter?: Filter): readonly Envelope[];
}
