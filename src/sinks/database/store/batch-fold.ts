import { type Envelope, isHousekeeping, type Measure } from "../../../plugin/index.ts";
import { account, dayRow } from "./accounting.ts";
import type { EventRow, MeasureRow } from "./bulk.ts";
import { dayOf } from "./day.ts";
import type { KnownDay, KnownSubject } from "./known-subject.ts";
import { LatencySketch, latencyOf } from "./latency-sketch.ts";
import { RANK } from "./rank.ts";
import { jsonOrNull, storable } from "./storable.ts";
import type { EpisodeTable, SeriesTable, SubjectTable } from "./tables.ts";
import type { Stretch } from "./time-split.ts";

/** Longer names and units stay with their event, but make no series. */
const LONGEST_NAME = 256;
const LONGEST_UNIT = 64;

/** Adds events, one after the other, to what is known of their subjects, and gathers the rows to be written. */
export class BatchFold {
  readonly events: EventRow[] = [];
  readonly measures: MeasureRow[] = [];
  readonly series: SeriesTable[] = [];
  readonly subjects = new Set<SubjectTable>();
  readonly episodes = new Set<EpisodeTable>();
  readonly days = new Set<KnownDay>();
  /** The next number for an event or a series. */
  next: number;
  readonly #origin: string;
  readonly #gaps: readonly Stretch[];

  /**
   * @param origin whose subjects the gaps concern
   * @param next the first free number
   */
  constructor(origin: string, gaps: readonly Stretch[], next: number) {
    this.#origin = origin;
    this.#gaps = gaps;
    this.next = next;
  }

  /** Adds an event that is new. What may be touched of its subject must be known. */
  add(envelope: Envelope, subject: KnownSubject): void {
    const { event } = envelope;
    const seq = this.next++;
    const time = Date.parse(event.time);
    const received = Date.parse(envelope.received);
    // A clock that runs ahead must not account for time that has not been.
    const happened = Math.min(time, received);
    this.events.push(eventRow(envelope, seq, subject.row.id, time, received));
    if (isHousekeeping(event.type)) this.#attend(event.type, subject, happened);
    else this.#judge(envelope, subject, time, happened);
    this.#measure(event.measures, subject, seq, time, happened);
  }

  /** A verdict: it stands from now on, and it counts. */
  #judge({ event, since, episode }: Envelope, subject: KnownSubject, time: number, happened: number): void {
    const rank = RANK[event.status];
    const { row } = subject;
    if (this.#account(subject, happened)) {
      row.standing = rank;
      row.status = rank;
      row.state = storable(event.state);
      row.message = storable(event.message);
      row.since = Date.parse(since);
      row.time = time;
    }
    const day = dayRow(subject, dayOf(happened));
    count(day, rank);
    this.days.add(day);
    if (episode !== null) this.#extend(subject, storable(episode), { event, since, time, rank });
  }

  /** No verdict, but it may say that the last one does not hold any more. */
  #attend(type: string, subject: KnownSubject, happened: number): void {
    const gone = type === "subject.retired" || type.endsWith(".unregistered");
    const lost = type.endsWith(".monitor_deleted");
    if ((gone || lost) && this.#account(subject, happened))
      subject.row.standing = gone || subject.row.standing === null ? null : RANK.unknown;
  }

  #account(subject: KnownSubject, until: number): boolean {
    const { row } = subject;
    const { inOrder, days } = account(subject, until, row.origin === this.#origin ? this.#gaps : []);
    for (const day of days) this.days.add(day);
    if (inOrder) this.subjects.add(row);
    return inOrder;
  }

  #extend(
    subject: KnownSubject,
    id: string,
    { event, since, time, rank }: { event: Envelope["event"]; since: string; time: number; rank: number },
  ): void {
    let row = subject.episodes.get(id);
    const first = storable(event.id) === id;
    if (!row || first) {
      const said = { state: storable(event.state), message: storable(event.message) };
      const began = first ? time : Date.parse(since);
      if (row) Object.assign(row, said, { began });
      else row = { id, subject_id: subject.row.id, began, ended: null, worst: rank, events: 0, ...said };
      subject.episodes.set(id, row);
    }
    row.events++;
    row.worst = Math.max(row.worst, rank);
    if (rank === RANK.ok) row.ended = time;
    this.episodes.add(row);
  }

  #measure(
    measures: Readonly<Record<string, Measure>>,
    subject: KnownSubject,
    seq: number,
    time: number,
    happened: number,
  ): void {
    for (const name in measures) {
      const { value, unit } = measures[name] as Measure;
      if (name.length > LONGEST_NAME || unit.length > LONGEST_UNIT) continue;
      this.measures.push([this.#seriesId(subject, name, unit), time, seq, value]);
    }
    const latency = latencyOf(measures);
    if (latency === undefined) return;
    const day = dayRow(subject, dayOf(happened));
    day.sketch ??= LatencySketch.parse(day.row.latency);
    day.sketch.add(latency);
    this.days.add(day);
  }

  #seriesId(subject: KnownSubject, name: string, unit: string): number {
    subject.series ??= new Map();
    const known = subject.series;
    const key = seriesKey(name, unit);
    let id = known.get(key);
    if (id === undefined) {
      id = this.next++;
      known.set(key, id);
      this.series.push({ id, subject_id: subject.row.id, name: storable(name), unit: storable(unit) });
    }
    return id;
  }
}

/** By what a subject's series are told apart. */
export function seriesKey(name: string, unit: string): string {
  return `${storable(name)}\n${storable(unit)}`;
}

function count({ row }: KnownDay, rank: number): void {
  if (rank === RANK.ok) row.oks++;
  else if (rank === RANK.warning) row.warnings++;
  else if (rank === RANK.unknown) row.unknowns++;
  else row.criticals++;
  row.worst = Math.max(row.worst, rank);
}

function eventRow(
  { event, change, previous, since, episode }: Envelope,
  seq: number,
  subjectId: number,
  time: number,
  received: number,
): EventRow {
  return [
    seq,
    storable(event.id),
    subjectId,
    time,
    received,
    storable(event.type),
    RANK[event.status],
    storable(event.state),
    storable(event.message),
    change ? 1 : 0,
    previous === null ? null : RANK[previous],
    since === event.time ? time : Date.parse(since),
    episode === null ? null : storable(episode),
    jsonOrNull(event.labels),
    jsonOrNull(event.measures),
    jsonOrNull(event.data),
  ];
}
