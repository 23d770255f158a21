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
  /** One entry for each source and origin that watches it; none where nothing is known. */
  readonly days: readonly SubjectDays[];
  /** Newest first. */
  readonly episodes: readonly Episode[];
  /** Changes of status, newest first. */
  readonly changes: readonly PastEvent[];
}

/**
 * Reads what happened to a subject since a time.
 * @param query `subject`, `since` (RFC 3339), and `source` where several watch it
 * @throws LifeguardError `HISTORY_NONE` where no sink keeps one, `CONTROL_REQUEST` for a query without subject or time,
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
  if (subject === null || Number.isNaN(Date.parse(since)))
    throw new LifeguardError("CONTROL_REQUEST", "the request names no subject, or no time since when");
  const of = { subject, source: query.get("source") ?? undefined };
  const days = Math.floor(Date.now() / DAY_MS) - Math.floor(Date.parse(since) / DAY_MS) + 1;
  const [calendars, episodes, changes] = await Promise.all([
    history.days({ ...of, days }, signal),
    history.episodes({ ...of, since, limit: MOST }, signal),
    history.events({ ...of, since, changes: true, limit: MOST }, signal),
  ]).catch(unreadable);
  return { days: calendars.items, episodes: episodes.items, changes: changes.items };
}

/** What the store says of itself, such as "connect ECONNREFUSED", does not say who has no answer. A wrong query's error does. */
function unreadable(cause: unknown): never {
  if (cause instanceof LifeguardError && !(cause instanceof RetryableError)) throw cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  throw new LifeguardError("HISTORY_UNREADABLE", `the history does not answer: ${reason}`, { cause });
}
