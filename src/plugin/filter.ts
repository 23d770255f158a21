import type { Envelope } from "./event.ts";
import { compileGlob } from "./glob.ts";
import type { Status } from "./status.ts";

/** A subscription: AND across keys, OR within one. Absent keys accept everything but own health and descriptions. */
export interface Filter {
  /** Globs of source instance names. */
  readonly sources?: readonly string[] | undefined;
  /** Globs of event types. Types `lifeguard.*` and `subject.*` reach only those who ask by a pattern that begins with that word. */
  readonly types?: readonly string[] | undefined;
  /** Globs of subjects. */
  readonly subjects?: readonly string[] | undefined;
  readonly status?: readonly Status[] | undefined;
  /** Label name to globs of values; all names must match. */
  readonly labels?: Readonly<Record<string, readonly string[]>> | undefined;
  /** `change`: only changes of status, recoveries included. */
  readonly on?: "all" | "change" | undefined;
}

/** Families of types that reach only subscribers who name them. */
const RESERVED = ["lifeguard.", "subject."];

/** Compiles a filter to a test of envelopes. The test never throws. */
export function compileFilter(filter: Filter = {}): (envelope: Envelope) => boolean {
  const sources = anyOf(filter.sources);
  const subjects = anyOf(filter.subjects);
  const types = typeTest(filter.types);
  const status = filter.status && new Set<Status>(filter.status);
  const labels = Object.entries(filter.labels ?? {}).map(([name, globs]) => [name, anyOf(globs)] as const);
  const changesOnly = filter.on === "change";
  return ({ event, change }) =>
    (!changesOnly || change) &&
    (!status || status.has(event.status)) &&
    types(event.type) &&
    sources(event.source) &&
    subjects(event.subject) &&
    labels.every(([name, test]) => name in event.labels && test(event.labels[name] as string));
}

function anyOf(globs: readonly string[] | undefined): (text: string) => boolean {
  if (!globs) return () => true;
  const tests = globs.map(compileGlob);
  return (text) => tests.some((test) => test(text));
}

function typeTest(globs: readonly string[] | undefined): (type: string) => boolean {
  const open = RESERVED.filter((family) => globs?.some((glob) => glob.startsWith(family)));
  const closed = RESERVED.filter((family) => !open.includes(family));
  const matches = anyOf(globs);
  // Types come from a small set, while events come by the thousand: remember the verdicts, within a bound.
  const known = new Map<string, boolean>();
  return (type) => {
    let verdict = known.get(type);
    if (verdict === undefined) {
      verdict = matches(type) && !closed.some((family) => type.startsWith(family));
      if (known.size < 1000) known.set(type, verdict);
    }
    return verdict;
  };
}
