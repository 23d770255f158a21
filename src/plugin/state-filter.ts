import type { SubjectState } from "./board.ts";
import type { Envelope } from "./event.ts";
import { compileFilter, type Filter } from "./filter.ts";

/**
 * Compiles what of a filter makes sense for a snapshot: which subjects a reader follows (sources, subjects, labels). Types, status and
 * `on` choose among events; what is true now is told of every subject that is followed, so that a recovery that was missed shows too.
 */
export function compileStateFilter(filter: Filter = {}): (state: SubjectState) => boolean {
  const { sources, subjects, labels } = filter;
  const test = compileFilter({ sources, subjects, labels });
  return ({ source, subject, event }) =>
    test({ change: false, event: { type: "", source, subject, labels: event?.labels ?? {} } } as Envelope);
}
