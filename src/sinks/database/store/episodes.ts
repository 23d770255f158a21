import type { Arrival } from "./arrival.ts";
import type { Known, KnownSubject } from "./known-subject.ts";
import { RANK } from "./rank.ts";
import { storable } from "./storable.ts";
import type { EpisodeTable } from "./tables.ts";

/**
 * Adds a verdict to the episode that its envelope names, if it names one.
 * @param subject with that episode, where the database has it
 * @returns the episode; undefined where there is none, as for a recovery from something that was never written
 */
export function extendEpisode(
  subject: KnownSubject,
  { envelope, time, late }: Arrival,
): Known<EpisodeTable> | undefined {
  const { event, since, episode } = envelope;
  if (episode === null) return undefined;
  const id = storable(episode);
  const rank = RANK[event.status];
  const first = storable(event.id) === id;
  let known = subject.episodes.get(id);
  if (!known && rank === RANK.ok) return undefined;
  if (!known || first) {
    const said = { state: storable(event.state), message: storable(event.message) };
    const began = first ? time : Date.parse(since);
    if (known) Object.assign(known.row, said, { began });
    else {
      // Out of turn: nobody tells its end any more, unless that is still to come.
      const ended = late && (subject.row.standing ?? RANK.ok) < RANK.warning ? began : null;
      const row = { id, subject_id: subject.row.id, began, ended, worst: rank, events: 0, ...said };
      known = { row, isNew: true };
    }
    subject.episodes.set(id, known);
  }
  const { row } = known;
  row.events++;
  row.worst = Math.max(row.worst, rank);
  if (rank === RANK.ok) row.ended = Math.max(time, row.began);
  // It goes on after it was taken for over, where its subject is watched again.
  else if (!late) row.ended = null;
  return known;
}

/**
 * Ends the episodes of a subject that last, without a recovery.
 * @param subject with these episodes
 * @param until milliseconds since the epoch
 * @param but the id of one that goes on
 * @returns those that it ended
 */
export function endEpisodes(
  subject: KnownSubject,
  until: number,
  but: string | null = null,
): readonly Known<EpisodeTable>[] {
  const lasting = [...subject.episodes.values()].filter(({ row }) => row.ended === null && row.id !== but);
  for (const { row } of lasting) row.ended = Math.max(until, row.began);
  return lasting;
}
