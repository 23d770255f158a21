import { type Filter, STATUSES, type Status } from "../../../plugin/index.ts";

/** Bounds of what a client may ask for, as it costs a test for every event. */
const MAX_GLOBS = 10;
const MAX_GLOB = 1000;
const MAX_STARS = 3;

/**
 * Reads a filter from a query: `types`, `subjects`, `sources`, `status` (each may come more than once) and `on=change`.
 * @returns the filter, or a sentence that says what is wrong with it
 */
export function filterOf(query: URLSearchParams): Filter | string {
  const globs = (name: string) => (query.has(name) ? query.getAll(name) : undefined);
  const filter: Filter = {
    types: globs("types"),
    // A subject may hold stars of its own; taken for a glob it still matches itself.
    subjects: globs("subjects"),
    sources: globs("sources"),
    status: query.has("status") ? query.getAll("status").filter(isStatus) : undefined,
    on: query.get("on") === "change" ? "change" : undefined,
  };
  for (const list of [filter.types, filter.subjects, filter.sources]) {
    if (list === undefined) continue;
    if (list.length > MAX_GLOBS) return `too many patterns: at most ${MAX_GLOBS}`;
    if (list.some((glob) => glob.length > MAX_GLOB || glob.split("*").length - 1 > MAX_STARS))
      return `a pattern may have ${MAX_GLOB} characters and ${MAX_STARS} stars at most`;
  }
  return filter;
}

function isStatus(text: string): text is Status {
  return (STATUSES as readonly string[]).includes(text);
}
