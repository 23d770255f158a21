import {
  type Episode,
  type History,
  LifeguardError,
  type PastEvent,
  RetryableError,
  type SubjectDays,
} from "../../plugin/index.ts";

/** Most changes and most episodes that are told. */
const MOST = 1000;
const DAY_MS = 86_400_000;

/** What a running lifeguard tells about a subject's past; the body of `GET /history`. */
export interface HistoryReport {
  /** RFC 3339: the span that was asked for. */
  readonly since: string;
  readonly until: string;
  /** One entry for each source and origin that watches it; none where nothing is known. Seven days are today and the six before it. */
  readonly days: readonly SubjectDays[];
  /** Those that overlap the span, newest first. */
  readonly episodes: readonly Episode[];
  /** Changes of status, newest first. */
  readonly changes: readonly PastEvent[];
  /** Whether there are more of each than are told here. */
  readonly more: { readonly episodes: boolean; readonly changes: boolean };
}

/**
 * Reads what happened to a subject in a stretch of time.
 * @param query `subject`, `since` and `until` (RFC 3339), and `source` where several watch it
 * @throws LifeguardError `HISTORY_NONE` where no sink keeps one, `CONTROL_REQUEST` for a query without subject or times,
 * `HISTORY_UNREADABLE` while it cannot be read
 */
export async function historyReport(
  history: History | undefined,
  query: URLSearchParams,
  signal: AbortSignal,
): Promise<HistoryReport> {
  if (!history)
    throw new LifeguardError(
      "HISTORY_NONE",
      "no sink keeps a history: add the sink database to monitors.yaml",
    );
  const subject = query.get("subject");
  const since = query.get("since") ?? "";
  const until = query.get("until") ?? "";
  const length = Date.parse(until) - Date.parse(since);
  if (subject === null || !(length >= 0))
    throw new LifeguardError(
      "CONTROL_REQUEST",
      "the request names no subject, or no times from when to when",
    );
  const of = { subject, source: query.get("source") ?? undefined };
  const [calendars, episodes, changes] = await Promise.all([
    history.days({ ...of, days: daysOf(length) }, signal),
    // A clock that runs ahead hides nothing: neither has an end.
    history.episodes({ ...of, since, limit: MOST }, signal),
    history.events({ ...of, since, limit: MOST, changes: true }, signal),
  ]).catch(unreadable);
  return {
    since,
    until,
    days: calendars.items,
    episodes: episodes.items,
    changes: changes.items,
    more: { episodes: episodes.next !== null, changes: changes.next !== null },
  };
}

/** How many days in UTC stand for a stretch of time that ends today, as on a service's page. @param length milliseconds */
export function daysOf(length: number): number {
  return Math.max(1, Math.ceil(length / DAY_MS));
}

/** What the store says of itself, such as "connect ECONNREFUSED", does not say who has no answer. A wrong query's error does. */
function unreadable(cause: unknown): never {
  if (cause instanceof LifeguardError && !(cause instanceof RetryableError)) throw cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  throw new LifeguardError("HISTORY_UNREADABLE", `the history does not answer: ${reason}`, { cause });
}
