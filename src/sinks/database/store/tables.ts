/** Times are milliseconds since the epoch, verdicts are ranks (see rank.ts), days are whole days since the epoch in UTC. */

/** One row: where the writers stand. */
export interface WriterTable {
  id: number;
  /** Grows with every batch, so that a writer notices that another one was here. */
  generation: number;
  /** The next number for a subject, a series or an event. */
  next: number;
  /** The number of the last event that is in the roll-ups: current state, episodes and days. */
  rolled: number;
  /** Events that were received before this time may have been deleted: that one is not here does not say that it never was. */
  pruned: number;
}

/** How far each lifeguard has written what it saw. What came before these columns has nulls. */
export interface WatcherTable {
  origin: string;
  /** Up to when it is known to have watched: when it received the last event, or noted that there was none. */
  watched: number;
  /** The epoch of its journal, and the number in it of the last event that was written. */
  journal: string | null;
  seq: number | null;
  /** When the process that wrote last was started; it names that process. */
  started: number | null;
}

/** Stretches in which a lifeguard did not run, or one of its sources was failing, so that nothing is known of its subjects. */
export interface GapTable {
  origin: string;
  /** Empty: all of them. */
  source: string;
  began: number;
  /** Null while it lasts. */
  ended: number | null;
}

/** Every watched thing, and what is true of it now. */
export interface SubjectTable {
  id: number;
  /** A digest of origin, source and subject: together they can be longer than an index entry. */
  key: string;
  origin: string;
  source: string;
  subject: string;
  /** The last verdict; null while there was none. */
  status: number | null;
  state: string;
  message: string;
  since: number;
  /** When the last verdict was observed. */
  time: number;
  /** Up to when its time is in `days`. */
  accounted: number;
  /** As what the time since then will count; null while nothing is known. */
  standing: number | null;
}

/** Every event. */
export interface EventTable {
  seq: number;
  id: string;
  subject_id: number;
  time: number;
  received: number;
  type: string;
  status: number;
  state: string;
  message: string;
  change: number;
  previous: number | null;
  since: number;
  episode: string | null;
  /** JSON; null stands for `{}`, of `data` for `null`. */
  labels: string | null;
  measures: string | null;
  data: string | null;
}

/** Every stretch of not-ok. */
export interface EpisodeTable {
  id: string;
  subject_id: number;
  began: number;
  ended: number | null;
  worst: number;
  events: number;
  state: string;
  message: string;
}

/** Every measure of every subject. */
export interface SeriesTable {
  id: number;
  subject_id: number;
  name: string;
  unit: string;
}

/** Every value. */
export interface MeasureTable {
  series_id: number;
  time: number;
  seq: number;
  value: number;
}

/** One row a subject and day. */
export interface DayTable {
  subject_id: number;
  day: number;
  up: number;
  down: number;
  unknown: number;
  oks: number;
  warnings: number;
  unknowns: number;
  criticals: number;
  worst: number;
  /** A sketch of how long things took; null where nothing was timed. */
  latency: string | null;
  /** What that sketch says, in milliseconds. */
  p50: number | null;
  p95: number | null;
}

/** The schema, the same in SQLite and PostgreSQL. */
export interface Tables {
  writer: WriterTable;
  watchers: WatcherTable;
  gaps: GapTable;
  subjects: SubjectTable;
  events: EventTable;
  episodes: EpisodeTable;
  series: SeriesTable;
  measures: MeasureTable;
  days: DayTable;
}
