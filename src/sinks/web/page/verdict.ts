import {
  compareStatus,
  STATUSES,
  type Status,
  type SubjectState,
  worstStatus,
} from "../../../plugin/index.ts";
import type { SilenceOf } from "./listing.ts";
import type { RelatedVerdict } from "./related-verdict.ts";
import { shownSince } from "./words.ts";

/** What all services together come to, with the related monitors where those are in trouble. */
export interface Verdict {
  readonly status: Status;
  readonly headline: string;
  /** RFC 3339: since when the headline holds; null while there is nothing to judge, or nobody knows. */
  readonly since: string | null;
  /** What there is to say beside the headline: of services and related monitors those that are better off; null where there is nothing. */
  readonly beside: string | null;
  /** Those that are not silenced. */
  readonly counts: Readonly<Record<Status, number>>;
  readonly silenced: number;
  /** What the related monitors come to; null where there are none to count. */
  readonly related: RelatedVerdict | null;
}

/**
 * Sums up the services of a root. What is silenced is counted apart and is no trouble.
 * @param related what the related monitors come to, where they are to be counted
 */
export function verdictOf(
  all: readonly SubjectState[],
  silenceOf: SilenceOf,
  related: RelatedVerdict | null = null,
): Verdict {
  const own = ownVerdict(all, silenceOf);
  if (!related) return own;
  const { status, sentence } = related;
  if (all.length === 0) return { ...own, status, headline: sentence, since: null, related };
  if (status === "ok") return { ...own, related };
  return compareStatus(status, own.status) < 0
    ? { ...own, status, headline: sentence, since: null, beside: own.headline, related }
    : { ...own, beside: sentence, related };
}

function ownVerdict(all: readonly SubjectState[], silenceOf: SilenceOf): Verdict {
  const counts: Record<Status, number> = { critical: 0, warning: 0, unknown: 0, ok: 0 };
  const states = all.filter((state) => silenceOf(state) === undefined);
  for (const state of states) counts[state.status]++;
  const silenced = all.length - states.length;
  const status = worstStatus(STATUSES.filter((one) => counts[one] > 0));
  return {
    status: states.length === 0 ? "unknown" : status,
    headline: headline(states, status, counts[status], silenced),
    since: sinceWhen(states, status),
    beside: null,
    counts,
    silenced,
    related: null,
  };
}

function headline(states: readonly SubjectState[], status: Status, count: number, silenced: number): string {
  const all = states.length;
  if (all === 0) return silenced === 0 ? "Nothing is monitored yet" : "All services are silenced";
  const services = all === 1 ? "service" : "services";
  if (status === "ok") {
    if (silenced > 0) return `All ${all} ${services} that are not silenced are ok`;
    return all === 1 ? "The one service is ok" : `All ${all} services are ok`;
  }
  if (states.every(({ event, stale }) => event === null && stale === null))
    return `Waiting for the first results of ${all} ${services}`;
  const verb =
    status === "warning"
      ? count === 1
        ? "has a warning"
        : "have warnings"
      : `${count === 1 ? "is" : "are"} ${status}`;
  return `${count} of ${all + silenced} ${all + silenced === 1 ? "service" : "services"} ${verb}`;
}

/** Bad: since the oldest trouble of that kind began. Good: since the last one became good. */
function sinceWhen(states: readonly SubjectState[], status: Status): string | null {
  const times = states
    .filter((state) => state.status === status)
    .map(shownSince)
    .sort();
  return (status === "ok" ? times.at(-1) : times[0]) ?? null;
}
