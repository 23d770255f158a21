import { type SubjectState, serviceId } from "../../../plugin/index.ts";
import type { Word } from "./shapes.ts";

/** The one word for a subject on the page. */
export function wordOf(state: SubjectState): Word {
  if (state.stale !== null) return "stale";
  return state.event === null ? "pending" : state.status;
}

/** What to call a subject. */
export function titleOf(state: SubjectState): string {
  return state.description.title ?? serviceId(state.subject);
}

/** One line that tells why. */
export function messageOf(state: SubjectState): string {
  if (state.stale !== null)
    return state.message === "" ? state.stale : `${state.stale} (last: ${state.message})`;
  return state.event === null && state.message === "" ? "waiting for the first result" : state.message;
}

/** RFC 3339: since when it has been as it is shown. What went stale kept its verdict until it was last seen. */
export function shownSince(state: SubjectState): string {
  return state.stale === null ? state.since : state.seen;
}
