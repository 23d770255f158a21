import { type Envelope, type Event, isBad } from "../../plugin/index.ts";

/**
 * The envelope of an event with a verdict: what changed against the last verdict of its subject. `unknown` neither opens nor closes an
 * episode; it opens with critical or warning and closes with ok, whose envelope still carries it. Pure.
 * @param latest the subject's last envelope with a verdict; null for its first
 */
export function judged(latest: Envelope | null, event: Event, seq: number, received: string): Envelope {
  const bad = isBad(event.status);
  if (latest === null)
    return {
      seq,
      received,
      event,
      change: bad,
      previous: null,
      since: event.time,
      episode: bad ? event.id : null,
    };
  const previous = latest.event.status;
  const change = event.status !== previous;
  return {
    seq,
    received,
    event,
    change,
    previous,
    since: change ? event.time : latest.since,
    episode: openEpisode(latest) ?? (bad ? event.id : null),
  };
}

/**
 * The envelope of a housekeeping event. Its event carries the status that stands (`standing`), so it never changes anything. Pure.
 * @param latest the subject's last envelope with a verdict; null while there is none
 */
export function attended(latest: Envelope | null, event: Event, seq: number, received: string): Envelope {
  return {
    seq,
    received,
    event,
    change: false,
    previous: latest === null ? null : latest.event.status,
    since: latest === null ? event.time : latest.since,
    episode: latest === null ? null : openEpisode(latest),
  };
}

/** The episode that is still open after an envelope with a verdict: a recovery carries the one it ended. */
export function openEpisode(latest: Envelope): string | null {
  return latest.event.status === "ok" ? null : latest.episode;
}
