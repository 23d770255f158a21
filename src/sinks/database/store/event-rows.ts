import type { Measure } from "../../../plugin/index.ts";
import type { Arrival } from "./arrival.ts";
import { EVENT_COLUMNS, type EventRow, type MeasureRow, type UnrolledRow } from "./bulk.ts";
import type { KnownSubject } from "./known-subject.ts";
import { RANK } from "./rank.ts";
import { jsonOrNull, storable } from "./storable.ts";
import type { SeriesTable } from "./tables.ts";

/** Longer names and units stay with their event, but make no series. */
const LONGEST_NAME = 256;
const LONGEST_UNIT = 64;
const MEASURES = EVENT_COLUMNS.indexOf("measures");

/** Gathers the rows that come with new events: events, their measures, and series that were never measured before. */
export class EventRows {
  readonly events: EventRow[] = [];
  readonly measures: MeasureRow[] = [];
  readonly series: SeriesTable[] = [];
  /** The next number for an event or a series. */
  next: number;
  /** Characters of what rolling these events up again would read. */
  unrolledSize = 0;

  /** @param next the first free number */
  constructor(next: number) {
    this.next = next;
  }

  /** Adds an event that is new. The series of its subject must be known. */
  add(arrival: Arrival, subject: KnownSubject): void {
    const seq = this.next++;
    const row = eventRow(arrival, seq, subject.row.id);
    this.events.push(row);
    const { measures, state, message } = arrival.envelope.event;
    this.unrolledSize += unrolledSize({ state, message, measures: row[MEASURES] as string | null });
    for (const name in measures) {
      const { value, unit } = measures[name] as Measure;
      if (name.length > LONGEST_NAME || unit.length > LONGEST_UNIT) continue;
      this.measures.push([this.#seriesId(subject, name, unit), arrival.time, seq, value]);
    }
  }

  #seriesId(subject: KnownSubject, name: string, unit: string): number {
    subject.series ??= new Map();
    const key = seriesKey(name, unit);
    let id = subject.series.get(key);
    if (id === undefined) {
      id = this.next++;
      subject.series.set(key, id);
      this.series.push({ id, subject_id: subject.row.id, name: storable(name), unit: storable(unit) });
    }
    return id;
  }
}

/** About how many characters rolling an event up again would read. */
export function unrolledSize(row: Pick<UnrolledRow, "state" | "message" | "measures">): number {
  return row.state.length + row.message.length + (row.measures?.length ?? 0);
}

/** By what a subject's series are told apart. */
export function seriesKey(name: string, unit: string): string {
  return `${storable(name)}\n${storable(unit)}`;
}

function eventRow(
  { envelope: { event, change, previous, since, episode }, id, time, received }: Arrival,
  seq: number,
  subjectId: number,
): EventRow {
  return [
    seq,
    id,
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
