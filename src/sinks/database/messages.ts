import type {
  EpisodesQuery,
  EventsQuery,
  HistoryPage,
  MeasureSeries,
  MeasuresQuery,
  PastEvent,
} from "../../plugin/index.ts";
import type { DayCells } from "./read/day-cells.ts";
import type { DaysRange, StoredEpisode } from "./read/reader.ts";
import type { Failure } from "./store/failure.ts";
import type { SourcesReport } from "./store/gaps.ts";
import type { Stretch } from "./store/time-split.ts";

/** What the store's thread can be asked for: argument and answer of each call. */
export interface Calls {
  /** No part comes any more. Answered when all of them are written. */
  write: { argument: null; answer: undefined };
  watched: { argument: number; answer: undefined };
  unwatched: { argument: Stretch; answer: undefined };
  sources: { argument: SourcesReport; answer: undefined };
  prune: { argument: number; answer: boolean };
  events: { argument: EventsQuery; answer: HistoryPage<PastEvent> };
  episodes: { argument: EpisodesQuery; answer: HistoryPage<StoredEpisode> };
  days: { argument: DaysRange; answer: DayCells };
  measures: { argument: { query: MeasuresQuery; now: number }; answer: readonly MeasureSeries[] };
  close: { argument: null; answer: undefined };
}

/**
 * A call on its way to the thread. A part is some packed envelopes as a JSON list: a text is handed over quicker than objects, and read while the
 * next one is written. The first one begins a `write`, and the call with the same number completes it. An abort gives up a call. Neither
 * has an answer of its own.
 */
export type Request =
  | {
      readonly [Name in keyof Calls]: {
        readonly id: number;
        readonly call: Name;
        readonly argument: Calls[Name]["argument"];
      };
    }[keyof Calls]
  | { readonly id: number; readonly call: "part"; readonly text: string }
  | { readonly id: number; readonly call: "abort" };

/** What comes back: one reply a call, and one with number 0 when the database is open, or cannot be opened. */
export type Reply =
  | { readonly id: number; readonly answer: Calls[keyof Calls]["answer"] }
  | { readonly id: number; readonly failure: Failure & { readonly code?: string | undefined } };
