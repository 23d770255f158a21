import type { Event, Status } from "../../plugin/index.ts";
import type { ChangeKind } from "./change.ts";

/** A verdict that makes an episode. */
export type Bad = Extract<Status, "critical" | "warning">;

/** An episode that stands, as the book keeps it. */
export type OpenEpisode = {
  readonly episode: string;
  readonly origin: string;
  readonly source: string;
  readonly subject: string;
  readonly labels: Readonly<Record<string, string>>;
  /** When this instance took in the event that opened it, milliseconds since the epoch: `after` counts from here. */
  readonly opened: number;
  /** RFC 3339: since when it has been bad. */
  readonly since: string;
  readonly status: Bad;
  readonly state: string;
  readonly message: string;
  /** The worst status that somebody was told; null while nobody was told. */
  readonly told: Bad | null;
  readonly reminders: number;
  /** When the next reminder is due, milliseconds since the epoch; null where none is. */
  readonly remindAt: number | null;
};

/**
 * The episode that a bad event belongs to, as it is first seen.
 * @param when since when it has been bad (RFC 3339), and when this instance knew (milliseconds since the epoch)
 */
export function openEpisode(
  { origin, source, subject, labels, status, state, message }: Event,
  when: Pick<OpenEpisode, "episode" | "since" | "opened">,
): OpenEpisode {
  return {
    ...when,
    origin,
    source,
    subject,
    labels,
    status: status as Bad,
    state,
    message,
    told: null,
    reminders: 0,
    remindAt: null,
  };
}

/**
 * What is due about an episode now; undefined for nothing.
 * @param times when it has lasted long enough, when the next reminder is due (null: none), and now, milliseconds since the epoch
 */
export function kindDue(
  entry: OpenEpisode,
  { due, remindAt, now }: Readonly<{ due: number; remindAt: number | null; now: number }>,
): ChangeKind | undefined {
  if (entry.told === null) return due <= now ? "down" : undefined;
  if (isWorse(entry)) return "worse";
  return remindAt !== null && remindAt <= now ? "reminder" : undefined;
}

/** Somebody was told of a warning, and it is critical now. */
export function isWorse({ told, status }: OpenEpisode): boolean {
  return told === "warning" && status === "critical";
}

/** The worse of what somebody was told and what is to be told now. */
export function worse(told: OpenEpisode["told"], status: OpenEpisode["status"]): OpenEpisode["status"] {
  return told === "critical" ? "critical" : status;
}
