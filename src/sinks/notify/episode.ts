import type { Envelope, Status } from "../../plugin/index.ts";

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

/** The episode that a bad event belongs to, as it is first seen. */
export function openEpisode({ event, episode, since, received }: Envelope): OpenEpisode {
  const { id, origin, source, subject, labels, status, state, message } = event;
  return {
    episode: episode ?? id,
    origin,
    source,
    subject,
    labels,
    opened: Date.parse(received),
    since,
    status: status as Bad,
    state,
    message,
    told: null,
    reminders: 0,
    remindAt: null,
  };
}
