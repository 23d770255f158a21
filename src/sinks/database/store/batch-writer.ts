import type { Envelope } from "../../../plugin/index.ts";
import { daysTouched } from "./accounting.ts";
import { BatchFold, seriesKey } from "./batch-fold.ts";
import type { Bulk, BulkTransaction, DayKey } from "./bulk.ts";
import type { KnownDay, KnownSubject } from "./known-subject.ts";
import { storable } from "./storable.ts";
import { subjectKey } from "./subject-key.ts";
import type { GapTable, WriterTable } from "./tables.ts";

/** More subjects than this are not remembered between batches. */
const MOST_KNOWN = 20_000;
/** Shorter stretches without a lifeguard are not worth a note. */
const SHORTEST_GAP_MS = 1000;

/** Who writes. */
export interface WriterIdentity {
  /** The lifeguard whose journal the batches come from. */
  readonly origin: string;
  /** When its process started, milliseconds since the epoch: what was received earlier was received by a process before it. */
  readonly started: number;
}

/** Writes batches of envelopes, each in one transaction and each event once, however often it comes. */
export class BatchWriter {
  readonly #bulk: Bulk;
  readonly #identity: WriterIdentity;
  readonly #known = new Map<string, KnownSubject>();
  #gaps: readonly GapTable[] = [];
  #watched: number | null = null;
  /** The generation that what is remembered belongs to; null: nothing is remembered. */
  #generation: number | null = null;

  constructor(bulk: Bulk, identity: WriterIdentity) {
    this.#bulk = bulk;
    this.#identity = identity;
  }

  /**
   * Writes a batch, roll-ups included, or nothing of it.
   * @returns how many events were new
   */
  async write(batch: readonly Envelope[], signal?: AbortSignal): Promise<number> {
    try {
      return await this.#bulk.transaction((transaction) => this.#apply(transaction, batch), signal);
    } catch (error) {
      // What was added in memory is not in the database.
      this.forget();
      throw error;
    }
  }

  /** Notes that this lifeguard has watched until `now`, and that everything received until then has been written. */
  async watched(now: number, signal?: AbortSignal): Promise<void> {
    // While the first batch since the start is missing, the gap before the start is still to be found.
    if (this.#watched === null || this.#watched < this.#identity.started) return;
    this.#watched = Math.max(this.#watched, now);
    await this.write([], signal);
  }

  /** Reads everything anew with the next batch. */
  forget(): void {
    this.#generation = null;
    this.#known.clear();
  }

  async #apply(transaction: BulkTransaction, batch: readonly Envelope[]): Promise<number> {
    const writer = await transaction.writer();
    await this.#remember(transaction, writer);
    const fresh = await this.#fresh(transaction, batch, writer.pruned);
    if (fresh.length === 0 && batch.length > 0) return 0;
    const gap = this.#findGap(fresh);
    const counter = { next: writer.next };
    const subjects = await this.#subjects(transaction, fresh, counter);
    await this.#load(transaction, fresh, subjects);
    const fold = new BatchFold(this.#identity.origin, this.#gaps, counter.next);
    for (const [index, envelope] of fresh.entries()) fold.add(envelope, subjects[index] as KnownSubject);
    const generation = writer.generation + 1;
    const watched = this.#watched;
    await transaction.save({
      ...fold,
      writer: { ...writer, generation, next: fold.next },
      watcher: watched === null ? null : { origin: this.#identity.origin, watched },
      gap,
      series: fold.series,
      subjects: [...fold.subjects],
      episodes: [...fold.episodes],
      days: Array.from(fold.days, dayText),
    });
    this.#generation = generation;
    this.#trim(subjects);
    return fresh.length;
  }

  /** Makes sure that what is remembered is what the database holds. */
  async #remember(transaction: BulkTransaction, { generation }: WriterTable): Promise<void> {
    if (this.#generation === generation) return;
    this.forget();
    this.#gaps = await transaction.gaps(this.#identity.origin);
    this.#watched = await transaction.watched(this.#identity.origin);
  }

  /** Those that were never written, each once. */
  async #fresh(
    transaction: BulkTransaction,
    batch: readonly Envelope[],
    pruned: number,
  ): Promise<readonly Envelope[]> {
    const byId = new Map<string, Envelope>();
    for (const envelope of batch) {
      const id = storable(envelope.event.id);
      if (!byId.has(id) && Date.parse(envelope.received) >= pruned) byId.set(id, envelope);
    }
    const known = byId.size === 0 ? new Set<string>() : await transaction.known([...byId.keys()]);
    for (const id of known) byId.delete(id);
    return [...byId.values()];
  }

  /** The stretch before this process started, once the first event that it received comes by. */
  #findGap(fresh: readonly Envelope[]): GapTable | null {
    const { origin, started } = this.#identity;
    let gap: GapTable | null = null;
    for (const { received } of fresh) {
      const now = Date.parse(received);
      const before = this.#watched;
      if (before !== null && before < started && now >= started && started - before >= SHORTEST_GAP_MS) {
        gap = { origin, began: before, ended: started };
        this.#gaps = [...this.#gaps, gap];
      }
      this.#watched = Math.max(before ?? now, now);
    }
    return gap;
  }

  /** The subject of each envelope; one that was never seen gets the next number. */
  async #subjects(
    transaction: BulkTransaction,
    fresh: readonly Envelope[],
    counter: { next: number },
  ): Promise<readonly KnownSubject[]> {
    const keys = fresh.map(({ event }) => subjectKey(event.origin, event.source, event.subject));
    const missing = new Set(keys.filter((key) => !this.#known.has(key)));
    if (missing.size > 0)
      for (const row of await transaction.subjects([...missing])) this.#learn(row.key, row, null);
    return fresh.map(({ event, since }, index) => {
      const key = keys[index] as string;
      const known = this.#known.get(key);
      if (known) return known;
      const row = {
        id: counter.next++,
        key,
        origin: storable(event.origin),
        source: storable(event.source),
        subject: storable(event.subject),
        status: null,
        state: "",
        message: "",
        since: Date.parse(since),
        time: 0,
        accounted: 0,
        standing: null,
      };
      return this.#learn(key, row, new Map());
    });
  }

  #learn(key: string, row: KnownSubject["row"], series: KnownSubject["series"]): KnownSubject {
    const known = { row, days: new Map<number, KnownDay>(), series, episodes: new Map() };
    this.#known.set(key, known);
    return known;
  }

  /** Reads what the fold may touch and nobody remembers. */
  async #load(
    transaction: BulkTransaction,
    fresh: readonly Envelope[],
    subjects: readonly KnownSubject[],
  ): Promise<void> {
    const times = new Map<KnownSubject, number[]>();
    const byId = new Map<number, KnownSubject>();
    const series: number[] = [];
    const episodes = new Map<string, KnownSubject>();
    for (const [index, { event, received, episode }] of fresh.entries()) {
      const subject = subjects[index] as KnownSubject;
      const happened = Math.min(Date.parse(event.time), Date.parse(received));
      const before = times.get(subject);
      if (before) before.push(happened);
      else {
        times.set(subject, [happened]);
        byId.set(subject.row.id, subject);
      }
      if (subject.series === null) {
        series.push(subject.row.id);
        subject.series = new Map();
      }
      if (episode !== null && !subject.episodes.has(storable(episode)))
        episodes.set(storable(episode), subject);
    }
    const days: DayKey[] = [];
    for (const [subject, at] of times)
      for (const day of daysTouched(subject, at))
        if (!subject.days.has(day)) days.push({ subject_id: subject.row.id, day });
    if (days.length > 0)
      for (const row of await transaction.days(days))
        byId.get(row.subject_id)?.days.set(row.day, { row, sketch: null });
    if (series.length > 0)
      for (const { id, subject_id, name, unit } of await transaction.series(series))
        byId.get(subject_id)?.series?.set(seriesKey(name, unit), id);
    if (episodes.size > 0)
      for (const row of await transaction.episodes([...episodes.keys()]))
        episodes.get(row.id)?.episodes.set(row.id, row);
  }

  /** Keeps what the next batch will most likely touch. */
  #trim(subjects: readonly KnownSubject[]): void {
    if (this.#known.size > MOST_KNOWN) this.forget();
    for (const { days, episodes } of new Set(subjects)) {
      if (days.size > 2) {
        const newest = Math.max(...days.keys());
        for (const day of days.keys()) if (day < newest - 1) days.delete(day);
      }
      if (episodes.size > 0)
        for (const { id, ended } of episodes.values()) if (ended !== null) episodes.delete(id);
      if (episodes.size > 4) episodes.clear();
    }
  }
}

function dayText({ row, sketch }: KnownDay): KnownDay["row"] {
  if (sketch) row.latency = sketch.toString();
  return row;
}
