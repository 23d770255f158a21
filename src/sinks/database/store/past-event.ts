import type { Json, Measure, PastEvent } from "../../../plugin/index.ts";
import { statusOf } from "./rank.ts";
import type { EventTable, SubjectTable } from "./tables.ts";

/** A row of `events` with the names of its subject. */
export type NamedEventRow = EventTable & Pick<SubjectTable, "origin" | "source" | "subject">;

/** The event that a row was made from. */
export function pastEvent(row: NamedEventRow): PastEvent {
  return {
    received: timeText(row.received),
    event: {
      id: row.id,
      time: timeText(row.time),
      origin: row.origin,
      source: row.source,
      type: row.type,
      subject: row.subject,
      status: statusOf(row.status),
      state: row.state,
      message: row.message,
      labels: parsed<Record<string, string>>(row.labels, {}),
      measures: parsed<Record<string, Measure>>(row.measures, {}),
      data: parsed<Json>(row.data, null),
    },
    change: row.change === 1,
    previous: row.previous === null ? null : statusOf(row.previous),
    since: timeText(row.since),
    episode: row.episode,
  };
}

/** RFC 3339 of milliseconds since the epoch. */
export function timeText(time: number): string {
  return new Date(time).toISOString();
}

function parsed<Value>(text: string | null, absent: Value): Value {
  return text === null ? absent : (JSON.parse(text) as Value);
}
