import type { Board, Clock, DaysQuery, History, HistoryPage, SubjectDays } from "../../plugin/index.ts";
import { LifeguardError } from "../../plugin/index.ts";
import { limitOf } from "./read/paging.ts";
import { unpackDays } from "./read/unpack-days.ts";
import { dayOf } from "./store/day.ts";
import type { StoreThread } from "./store-thread.ts";

const DAYS = 90;
const MOST_DAYS = 400;
const SUBJECTS = 100;
const MOST_SUBJECTS = 200;

/** What the sink offers as history: the store's answers, with the time since the last event added where the board vouches for it. */
export function historyOf(thread: StoreThread, { board, clock }: { board: Board; clock: Clock }): History {
  return {
    events: (query, signal) => thread.call("events", query, signal),
    async episodes(query, signal) {
      const { items, next } = await thread.call("episodes", query, signal);
      const now = clock.now();
      return {
        items: items.map((episode) => ({
          ...episode,
          duration: Math.max(
            0,
            (episode.ended === null ? now : Date.parse(episode.ended)) - Date.parse(episode.began),
          ),
        })),
        next,
      };
    },
    async days(query, signal): Promise<HistoryPage<SubjectDays>> {
      const now = clock.now();
      const last = lastDay(query, now);
      const first = last - limitOf(query.days, DAYS, MOST_DAYS) + 1;
      const { subject, source, origin, after } = query;
      const limit = limitOf(query.limit, SUBJECTS, MOST_SUBJECTS);
      const cells = await thread.call("days", { subject, source, origin, after, limit, first, last }, signal);
      return { items: unpackDays(cells, { first, last, now, board }), next: cells.next };
    },
    measures: (query, signal) => thread.call("measures", { query, now: clock.now() }, signal),
  };
}

function lastDay({ until }: DaysQuery, now: number): number {
  if (until === undefined) return dayOf(now);
  const time = /^\d{4}-\d{2}-\d{2}$/.test(until) ? Date.parse(until) : Number.NaN;
  if (Number.isNaN(time))
    throw new LifeguardError("HISTORY_QUERY", `"${until}" is not a day: write it as 2026-01-31`);
  return dayOf(time);
}
