import type { Observable } from "rxjs";
import type { Event } from "./event.ts";

/** A stretch of time in which nobody is told about some subjects. They are watched all the same. */
export interface Silence {
  readonly id: string;
  /** `silence`: somebody asked for it now. `maintenance`: a window of monitors.yaml. */
  readonly kind: "silence" | "maintenance";
  /** Globs of subjects. */
  readonly subjects: readonly string[];
  /** Label name to globs of values; all names must match. Empty: whatever the labels. */
  readonly labels: Readonly<Record<string, readonly string[]>>;
  readonly why: string;
  /** Who asked for it; empty where nobody is known. */
  readonly by: string;
  /** RFC 3339. */
  readonly since: string;
  /** RFC 3339: when it ends by itself. */
  readonly until: string;
}

/** What a silence is matched with: an event, or a subject of which only the name is known. */
export type Silenceable = Pick<Event, "subject"> & Partial<Pick<Event, "labels">>;

/** The silences that hold now, as a sink sees them. */
export interface Silences {
  /** Grows whenever one begins or ends. */
  readonly version: number;
  /** Those that hold now, by when they end, the last one first. */
  active(): readonly Silence[];
  /** The one that silences this and ends last; undefined where none does. */
  of(target: Silenceable): Silence | undefined;
  /** Emits after one began or ended. */
  readonly changes: Observable<void>;
}
