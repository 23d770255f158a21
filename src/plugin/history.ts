import type { Envelope, Measure } from "./event.ts";
import type { Status } from "./status.ts";

/** Whose history: a subject, and the source and origin where several watch it. */
export interface HistoryOf {
  readonly subject: string;
  readonly source?: string | undefined;
  readonly origin?: string | undefined;
}

/** The same where the subject may be left open: then all of them. */
export interface HistoryFilter extends Omit<HistoryOf, "subject"> {
  readonly subject?: string | undefined;
}

/** A stretch of time, RFC 3339: from `since` (inclusive) to `until` (exclusive). Absent: without that end. */
export interface HistorySpan {
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

/** How much at once, and where to go on. */
export interface HistoryPaging {
  /** Most items of the answer. Each query says its default and its largest value; more is cut to that. */
  readonly limit?: number | undefined;
  /** What `next` of the answer before was. */
  readonly after?: string | undefined;
}

/** A part of a long list. */
export interface HistoryPage<Item> {
  readonly items: readonly Item[];
  /** What `after` of the next query has to be; null at the end. Opaque. */
  readonly next: string | null;
}

/** An event as it was delivered. Its place in the journal is left out: the journal may have forgotten it. */
export type PastEvent = Omit<Envelope, "seq">;

/** Which events, newest first; 100 at once, at most 1,000. Without a subject only changes of status are told. */
export interface EventsQuery extends HistoryFilter, HistorySpan, HistoryPaging {
  /** Only changes of status. */
  readonly changes?: boolean | undefined;
}

/** One stretch of not-ok. It ends with a recovery, or when its subject is retired or unregistered. */
export interface Episode {
  /** The id of its first event. */
  readonly id: string;
  readonly origin: string;
  readonly source: string;
  readonly subject: string;
  /** RFC 3339. */
  readonly began: string;
  /** RFC 3339; null while it lasts. */
  readonly ended: string | null;
  /** Milliseconds, until now while it lasts. */
  readonly duration: number;
  readonly worst: Status;
  /** What its first event said. */
  readonly state: string;
  readonly message: string;
  /** How many events with a verdict belong to it, the recovery included. */
  readonly events: number;
}

/** Which episodes, those that began last first; 100 at once, at most 1,000. A span takes those that overlap it. */
export interface EpisodesQuery extends HistoryFilter, HistorySpan, HistoryPaging {}

/** One day of one subject, in UTC. */
export interface HistoryDay {
  /** `2026-01-31`. */
  readonly day: string;
  /** The worst verdict that stood or was told on that day; null where nothing is known. */
  readonly worst: Status | null;
  /** Share of the known time that it was up, 0 to 1: ok and warning are up, critical is down, unknown is neither. Null: no known time. */
  readonly uptime: number | null;
  /** Milliseconds up, down, and unknown. */
  readonly up: number;
  readonly down: number;
  readonly unknown: number;
  /** Events with a verdict, by verdict. */
  readonly counts: Readonly<Record<Status, number>>;
  /** Milliseconds, within 5 %; null where nothing was timed. */
  readonly latency: { readonly p50: number; readonly p95: number } | null;
}

/** The days of one subject. */
export interface SubjectDays extends HistoryOf {
  readonly origin: string;
  readonly source: string;
  /** Over all of these days; null where there is no known time. */
  readonly uptime: number | null;
  /** Every day of the range, oldest first, the empty ones included. */
  readonly days: readonly HistoryDay[];
}

/** Whose days; 100 subjects at once, at most 200. Without a subject: of all, in order of their first event. */
export interface DaysQuery extends HistoryFilter, HistoryPaging {
  /** How many days, the last one included. Absent: 90; at most 400. */
  readonly days?: number | undefined;
  /** The last day, `2026-01-31`. Absent: today in UTC. */
  readonly until?: string | undefined;
}

/** What was measured within one step of time. */
export interface MeasurePoint {
  /** RFC 3339: where the step begins. */
  readonly time: string;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly count: number;
}

/** One measure of one subject over time. */
export interface MeasureSeries extends HistoryOf {
  readonly origin: string;
  readonly source: string;
  readonly name: string;
  readonly unit: Measure["unit"];
  /** Steps without a value are left out. */
  readonly points: readonly MeasurePoint[];
}

/** Which measures. */
export interface MeasuresQuery extends HistoryOf, HistorySpan {
  /** Absent: all of them, at most 20. */
  readonly name?: string | undefined;
  /** Into how many steps the span is cut. Absent: 120; at most 1,000. Without `since` the span is the last day. */
  readonly points?: number | undefined;
}

/**
 * What happened while nobody looked, for the page and the command line. Every answer is bounded. A query rejects with a RetryableError
 * while the store cannot be reached, and with the signal's reason when that aborts.
 */
export interface History {
  events(query: EventsQuery, signal?: AbortSignal): Promise<HistoryPage<PastEvent>>;
  episodes(query: EpisodesQuery, signal?: AbortSignal): Promise<HistoryPage<Episode>>;
  days(query: DaysQuery, signal?: AbortSignal): Promise<HistoryPage<SubjectDays>>;
  measures(query: MeasuresQuery, signal?: AbortSignal): Promise<readonly MeasureSeries[]>;
}
