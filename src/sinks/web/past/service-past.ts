import type {
  Episode,
  History,
  MeasureSeries,
  PastEvent,
  SinkContext,
  SubjectDays,
  SubjectState,
} from "../../../plugin/index.ts";
import { uptimeOf } from "./day-cache.ts";
import { knownChanges } from "./known-changes.ts";
import { ANY_TIME, knownTime } from "./known-time.ts";
import { PERIODS, type Period } from "./period.ts";
import { uptimeOfChanges } from "./uptime-of-changes.ts";
import { within } from "./within.ts";

/** Milliseconds that a page waits for what the history says; what is not there by then is left out. */
const PATIENCE = 1500;
/** Milliseconds that an answer is shown again, and how many are kept: a page that is open asks after every event. */
const FRESH = 10_000;
const KEPT = 64;
/** The longest list, the most changes of a day that its uptime is worked out from, and the steps of a plot. */
const EPISODES = 50;
const CHANGES = 1000;
const STEPS = 120;

/** What the history says about one subject. What it could not say is null. */
export interface ServicePast {
  readonly period: Period;
  /** Milliseconds since the epoch: what the period's plots and episodes reach from and to. */
  readonly since: number;
  readonly until: number;
  /** The last ninety; null also where nothing is known of any. */
  readonly days: SubjectDays | null;
  readonly uptime: Readonly<Record<Period, number | null>>;
  /** Those within the period, newest first. */
  readonly episodes: readonly Episode[] | null;
  /** Whether there are more episodes than these. */
  readonly more: boolean;
  readonly measures: readonly MeasureSeries[] | null;
  /** Why something is missing; null when nothing is. */
  readonly problem: string | null;
}

/** Asks the history about services, in bounded time, and not for the same thing again and again. */
export class ServicePasts {
  readonly #ctx: Pick<SinkContext, "board" | "history" | "clock" | "signal">;
  readonly #kept = new Map<string, { readonly at: number; readonly past: Promise<ServicePast> }>();

  constructor(ctx: Pick<SinkContext, "board" | "history" | "clock" | "signal">) {
    this.#ctx = ctx;
  }

  /** What the history says about a subject; undefined where there is no history. Never rejects. */
  async of(state: SubjectState, period: Period): Promise<ServicePast | undefined> {
    const { history, clock } = this.#ctx;
    if (!history) return undefined;
    const key = JSON.stringify([state.origin, state.source, state.subject, period]);
    const now = clock.monotonic();
    const known = this.#kept.get(key);
    if (known && now - known.at < FRESH) return known.past;
    this.#kept.delete(key);
    const past = this.#ask(history, state, period);
    this.#kept.set(key, { at: now, past });
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= KEPT) break;
      this.#kept.delete(oldest);
    }
    return past;
  }

  async #ask(history: History, state: SubjectState, period: Period): Promise<ServicePast> {
    const { clock, signal } = this.#ctx;
    const { origin, source, subject } = state;
    const of = { origin, source, subject };
    const until = clock.now();
    const since = until - PERIODS[period];
    const [from, yesterday] = [since, until - PERIODS["24h"]].map((time) => new Date(time).toISOString());
    const problems = new Set<string>();
    const ask = async <Answer>(question: (end: AbortSignal) => Promise<Answer>): Promise<Answer | null> => {
      try {
        return await within(clock, PATIENCE, signal, question);
      } catch (error) {
        problems.add(error instanceof Error ? error.message : String(error));
        return null;
      }
    };
    const [days, episodes, measures, changes] = await Promise.all([
      ask((end) => history.days({ ...of, days: 90, limit: 1 }, end)),
      ask((end) => history.episodes({ ...of, since: from, limit: EPISODES }, end)),
      ask((end) => history.measures({ ...of, since: from, points: STEPS }, end)),
      ask((end) => history.events({ ...of, changes: true, since: yesterday, limit: CHANGES }, end)),
    ]);
    const [calendar = null] = days?.items ?? [];
    const share = (count: number) => (calendar === null ? null : uptimeOf(calendar.days.slice(-count)));
    const day =
      changes === null || changes.next !== null
        ? null
        : uptimeOfChanges(
            state,
            knownChanges(this.#remembered(state), changes.items),
            until - PERIODS["24h"],
            until,
            calendar === null ? ANY_TIME : knownTime(calendar.days, until, until),
          );
    return {
      period,
      since,
      until,
      days: calendar,
      uptime: { "24h": day, "7d": share(7), "30d": share(30), "90d": share(90) },
      episodes: episodes?.items ?? null,
      more: episodes !== null && episodes.next !== null,
      measures,
      problem: problems.size === 0 ? null : [...problems].join("; "),
    };
  }
  #remembered({ origin, source, subject }: SubjectState): readonly PastEvent[] {
    return this.#ctx.board
      .changes(CHANGES, { subjects: [subject], sources: [source] })
      .filter(({ event }) => event.subject === subject && event.origin === origin);
  }
}
