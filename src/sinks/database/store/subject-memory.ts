import { daysTouched } from "./accounting.ts";
import type { Arrival } from "./arrival.ts";
import type { BulkTransaction, DayKey } from "./bulk.ts";
import { dayOf } from "./day.ts";
import { seriesKey } from "./event-rows.ts";
import type { Known, KnownDay, KnownSubject } from "./known-subject.ts";
import { storable } from "./storable.ts";
import { subjectKey } from "./subject-key.ts";
import type { EpisodeTable, SubjectTable } from "./tables.ts";

/** More subjects than this are not remembered between batches. */
const MOST_SUBJECTS = 20_000;
/** Episodes of one subject that are remembered; there is hardly ever more than one that lasts. */
const MOST_EPISODES = 4;

/** What a writer remembers of subjects, so that it need not be read again for each batch. */
export class SubjectMemory {
  readonly #known = new Map<string, KnownSubject>();

  /**
   * The subject of each event, with everything that the event may touch: read where it is not remembered.
   * @param nextId gives the number of a subject that was never seen
   * @returns also the rows of those that were never seen, as they are before their first event
   */
  async recall(
    transaction: BulkTransaction,
    arrivals: readonly Arrival[],
    nextId: () => number,
  ): Promise<{ readonly subjects: readonly KnownSubject[]; readonly added: readonly SubjectTable[] }> {
    const names = arrivals.map(nameOf);
    const keys = await this.#find(transaction, arrivals, names);
    const added: SubjectTable[] = [];
    const subjects = names.map((name, index) => {
      const known = this.#known.get(name);
      if (known) return known;
      const row = newSubject(arrivals[index] as Arrival, nextId(), keys.get(name) as string);
      added.push({ ...row });
      return this.#learn(name, row, true);
    });
    await this.#load(transaction, arrivals, subjects);
    return { subjects, added };
  }

  /** Keeps what the next batch will most likely touch. To be called when everything is saved. */
  trim(): void {
    if (this.#known.size > MOST_SUBJECTS) this.forget();
    for (const { days, episodes } of this.#known.values()) {
      if (days.size > 2) {
        const newest = Math.max(...days.keys());
        for (const day of days.keys()) if (day < newest - 1) days.delete(day);
      }
      if (episodes.size === 0) continue;
      for (const { row } of episodes.values()) if (row.ended !== null) episodes.delete(row.id);
      if (episodes.size > MOST_EPISODES) episodes.clear();
    }
  }

  forget(): void {
    this.#known.clear();
  }

  /** Reads the rows of those that are not remembered. Returns the keys of all that were not, by name. */
  async #find(
    transaction: BulkTransaction,
    arrivals: readonly Arrival[],
    names: readonly string[],
  ): Promise<ReadonlyMap<string, string>> {
    const keys = new Map<string, string>();
    for (const [index, name] of names.entries()) {
      if (this.#known.has(name) || keys.has(name)) continue;
      const { origin, source, subject } = (arrivals[index] as Arrival).envelope.event;
      keys.set(name, subjectKey(storable(origin), storable(source), storable(subject)));
    }
    if (keys.size === 0) return keys;
    const rows = await transaction.subjects([...keys.values()]);
    const byKey = new Map(rows.map((row) => [row.key, row]));
    for (const [name, key] of keys) {
      const row = byKey.get(key);
      if (row) this.#learn(name, row, false);
    }
    return keys;
  }

  #learn(name: string, row: SubjectTable, isNew: boolean): KnownSubject {
    const known = {
      row,
      // Its row is written with its first event; what comes of that one is a change.
      isNew: false,
      days: new Map<number, KnownDay>(),
      // Of a new one there is nothing to read.
      series: isNew ? new Map<string, number>() : null,
      episodes: new Map<string, Known<EpisodeTable>>(),
    };
    this.#known.set(name, known);
    return known;
  }

  async #load(
    transaction: BulkTransaction,
    arrivals: readonly Arrival[],
    subjects: readonly KnownSubject[],
  ): Promise<void> {
    const touching = new Map<KnownSubject, Arrival[]>();
    const byId = new Map<number, KnownSubject>();
    const series: number[] = [];
    const episodes = new Map<string, KnownSubject>();
    const begunAnew = new Map<number, KnownSubject>();
    for (const [index, arrival] of arrivals.entries()) {
      const { envelope } = arrival;
      const subject = subjects[index] as KnownSubject;
      const before = touching.get(subject);
      if (before) before.push(arrival);
      else if (!isWithinKnownDay(subject, arrival.happened)) {
        touching.set(subject, [arrival]);
        byId.set(subject.row.id, subject);
      }
      if (subject.series === null) {
        byId.set(subject.row.id, subject);
        series.push(subject.row.id);
        subject.series = new Map();
      }
      if (beginsAnew(arrival, subject)) begunAnew.set(subject.row.id, subject);
      if (envelope.episode === null) continue;
      const episode = storable(envelope.episode);
      if (!subject.episodes.has(episode)) episodes.set(episode, subject);
    }
    const days: DayKey[] = [];
    for (const [subject, its] of touching)
      for (const day of daysTouched(subject, its))
        if (!subject.days.has(day)) days.push({ subject_id: subject.row.id, day });
    if (days.length > 0)
      for (const row of await transaction.days(days))
        byId.get(row.subject_id)?.days.set(row.day, { row, isNew: false, sketch: null });
    if (series.length > 0)
      for (const { id, subject_id, name, unit } of await transaction.series(series))
        byId.get(subject_id)?.series?.set(seriesKey(name, unit), id);
    if (episodes.size > 0)
      for (const row of await transaction.episodes([...episodes.keys()]))
        episodes.get(row.id)?.episodes.set(row.id, { row, isNew: false });
    if (begunAnew.size > 0)
      for (const row of await transaction.lastingEpisodes([...begunAnew.keys()])) {
        const known = begunAnew.get(row.subject_id)?.episodes;
        if (!known?.has(row.id)) known?.set(row.id, { row, isNew: false });
      }
  }
}

/** Whether it is the first verdict about a subject that had one long ago: of what lasted then, nobody has told the end. */
function beginsAnew({ envelope: { previous }, bearing }: Arrival, { row }: KnownSubject): boolean {
  return previous === null && row.status !== null && bearing === "verdict";
}

/** Whether what an event touches of a subject's days is one that is remembered, as nearly always. */
function isWithinKnownDay({ row, days }: KnownSubject, happened: number): boolean {
  const day = dayOf(happened);
  return row.standing !== null && dayOf(row.accounted) === day && days.has(day);
}

/** The name of a subject in memory, where its length does not matter. No part of it has a line break. */
function nameOf({ envelope: { event } }: Arrival): string {
  return `${event.subject}\n${event.source}\n${event.origin}`;
}

/** A subject of which nothing is known yet. */
function newSubject({ envelope: { event }, happened }: Arrival, id: number, key: string): SubjectTable {
  return {
    id,
    key,
    origin: storable(event.origin),
    source: storable(event.source),
    subject: storable(event.subject),
    status: null,
    state: "",
    message: "",
    since: happened,
    time: happened,
    accounted: 0,
    standing: null,
  };
}
