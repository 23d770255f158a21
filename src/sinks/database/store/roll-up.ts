import { account, dayRow } from "./accounting.ts";
import type { Arrival } from "./arrival.ts";
import { dayOf } from "./day.ts";
import { endEpisodes, extendEpisode } from "./episodes.ts";
import type { Gaps } from "./gaps.ts";
import type { Known, KnownDay, KnownSubject } from "./known-subject.ts";
import { LatencySketch, latencyOf } from "./latency-sketch.ts";
import { RANK } from "./rank.ts";
import { storable } from "./storable.ts";
import type { EpisodeTable } from "./tables.ts";

/** Rolls events up, one after the other in the order of their numbers: current state, episodes and days. It remembers which rows changed. */
export class RollUp {
  readonly subjects = new Set<KnownSubject>();
  readonly episodes = new Set<Known<EpisodeTable>>();
  readonly days = new Set<KnownDay>();

  /** Adds an event. What it may touch of its subject must be known. */
  add(arrival: Arrival, subject: KnownSubject, gaps: Gaps): void {
    if (arrival.bearing === "verdict") this.#judge(arrival, subject, gaps);
    else if (arrival.bearing !== "nothing") this.#attend(arrival, subject, gaps);
    const latency = latencyOf(arrival.envelope.event.measures);
    if (latency === undefined) return;
    const day = dayRow(subject, dayOf(arrival.happened));
    day.sketch ??= LatencySketch.parse(day.row.latency);
    day.sketch.add(latency);
    this.days.add(day);
  }

  /** Forgets which rows changed. @param saved whether the database has them now */
  clear(saved: boolean): void {
    if (saved)
      for (const rows of [this.subjects, this.episodes, this.days]) for (const row of rows) row.isNew = false;
    this.subjects.clear();
    this.episodes.clear();
    this.days.clear();
  }

  /** A verdict: it stands from now on, and it counts. */
  #judge(arrival: Arrival, subject: KnownSubject, gaps: Gaps): void {
    const { envelope, time, happened } = arrival;
    const { event, since, previous, episode } = envelope;
    const rank = RANK[event.status];
    const { row } = subject;
    // Of what lasted before, nobody has told the end. What comes out of turn says nothing of what came after it.
    if (previous === null && !arrival.late) this.#end(subject, row.accounted, episode);
    if (this.#account(subject, arrival, gaps)) {
      row.standing = rank;
      row.status = rank;
      row.state = storable(event.state);
      row.message = storable(event.message);
      row.since = since === event.time ? time : Date.parse(since);
      row.time = time;
    }
    const day = dayRow(subject, dayOf(happened));
    count(day, rank);
    this.days.add(day);
    const extended = extendEpisode(subject, arrival);
    if (extended) this.episodes.add(extended);
  }

  /** No verdict, but it says that the last one does not hold any more. */
  #attend(arrival: Arrival, subject: KnownSubject, gaps: Gaps): void {
    const gone = arrival.bearing === "gone";
    if (!this.#account(subject, arrival, gaps)) return;
    subject.row.standing = gone || subject.row.standing === null ? null : RANK.unknown;
    if (gone) this.#end(subject, arrival.happened, null);
  }

  #end(subject: KnownSubject, until: number, but: string | null): void {
    if (subject.episodes.size === 0) return;
    for (const ended of endEpisodes(subject, until, but === null ? null : storable(but)))
      this.episodes.add(ended);
  }

  #account(subject: KnownSubject, arrival: Arrival, gaps: Gaps): boolean {
    const { row } = subject;
    const { received } = arrival;
    const own = received < row.accounted ? gaps.asCounted(row, received) : gaps.of(row, row.accounted);
    const isLastWord = account(subject, arrival, own, this.days);
    if (isLastWord) this.subjects.add(subject);
    return isLastWord;
  }
}

function count({ row }: KnownDay, rank: number): void {
  if (rank === RANK.ok) row.oks++;
  else if (rank === RANK.warning) row.warnings++;
  else if (rank === RANK.unknown) row.unknowns++;
  else row.criticals++;
  row.worst = Math.max(row.worst, rank);
}
