import { STATUSES, type Status, type SubjectState, worstStatus } from "../../../plugin/index.ts";
import type { SilenceOf } from "./listing.ts";
import { shownSince } from "./words.ts";

/** What all services together come to. */
export interface Verdict {
  readonly status: Status;
  readonly headline: string;
  /** RFC 3339: since when; null while there is nothing to judge. */
  readonly since: string | null;
  /** Those that are not silenced. */
  readonly counts: Readonly<Record<Status, number>>;
  readonly silenced: number;
}

/** Sums up the services of a root. What is silenced is counted apart and is no trouble. */
export function verdictOf(all: readonly SubjectState[], silenceOf: SilenceOf): Verdict {
  const counts: Record<Status, number> = { critical: 0, warning: 0, unknown: 0, ok: 0 };
  const states = all.filter((state) => silenceOf(state) === undefined);
  for (const state of states) counts[state.status]++;
  const silenced = all.length - states.length;
  const status = worstStatus(STATUSES.filter((one) => counts[one] > 0));
  return {
    status: all.length === 0 ? "unknown" : status,
    headline: headline(states, status, counts[status], silenced),
    since: sinceWhen(states, status),
    counts,
    silenced,
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
