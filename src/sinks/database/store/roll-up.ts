import { isHousekeeping, type PastEvent } from "../../../plugin/index.ts";
import { account, dayRow } from "./accounting.ts";
import type { Arrival } from "./arrival.ts";
import { dayOf } from "./day.ts";
import type { Known, KnownDay, KnownSubject } from "./known-subject.ts";
import { LatencySketch, latencyOf } from "./latency-sketch.ts";
import { RANK } from "./rank.ts";
import { storable } from "./storable.ts";
import type { EpisodeTable, GapTable } from "./tables.ts";

/** Rolls events up, one after the other in the order of their numbers: current state, episodes and days. It remembers which rows changed. */
export class RollUp {
  readonly subjects = new Set<KnownSubject>();
  readonly episodes = new Set<Known<EpisodeTable>>();
  readonly days = new Set<KnownDay>();

  /** Adds an event. What it may touch of its subject must be known. */
  add(arrival: Arrival, subject: KnownSubject, gaps: readonly GapTable[]): void {
    const { event } = arrival.envelope;
    if (isHousekeeping(event.type)) this.#attend(event.type, subject, arrival.happened, gaps);
    else this.#judge(arrival, subject, gaps);
    const latency = latencyOf(event.measures);
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
  #judge({ envelope, time, happened }: Arrival, subject: KnownSubject, gaps: readonly GapTable[]): void {
    const { event, since, episode } = envelope;
    const rank = RANK[event.status];
    const { row } = subject;
    if (this.#account(subject, happened, gaps)) {
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
    if (episode !== null) this.#extend(subject, storable(episode), envelope, time, rank);
  }

  /** No verdict, but it may say that the last one does not hold any more. */
  #attend(type: string, subject: KnownSubject, happened: number, gaps: readonly GapTable[]): void {
    const gone = type === "subject.retired" || type.endsWith(".unregistered");
    const lost = type.endsWith(".monitor_deleted");
    if ((gone || lost) && this.#account(subject, happened, gaps))
      subject.row.standing = gone || subject.row.standing === null ? null : RANK.unknown;
  }

  #account(subject: KnownSubject, until: number, gaps: readonly GapTable[]): boolean {
    const { origin } = subject.row;
    const own = gaps.length === 0 ? gaps : gaps.filter((gap) => gap.origin === origin);
    const inOrder = account(subject, until, own, this.days);
    if (inOrder) this.subjects.add(subject);
    return inOrder;
  }

  #extend(subject: KnownSubject, id: string, { event, since }: PastEvent, time: number, rank: number): void {
    let known = subject.episodes.get(id);
    const first = storable(event.id) === id;
    if (!known || first) {
      const said = { state: storable(event.state), message: storable(event.message) };
      const began = first ? time : Date.parse(since);
      if (known) Object.assign(known.row, said, { began });
      else {
        const row = { id, subject_id: subject.row.id, began, ended: null, worst: rank, events: 0, ...said };
        known = { row, isNew: true };
      }
      subject.episodes.set(id, known);
    }
    const { row } = known;
    row.events++;
    row.worst = Math.max(row.worst, rank);
    if (rank === RANK.ok) row.ended = time;
    this.episodes.add(known);
  }
}

function count({ row }: KnownDay, rank: number): void {
  if (rank === RANK.ok) row.oks++;
  else if (rank === RANK.warning) row.warnings++;
  else if (rank === RANK.unknown) row.unknowns++;
  else row.criticals++;
  row.worst = Math.max(row.worst, rank);
}
