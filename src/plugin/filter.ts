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
const RESERVED = ["lifeguard", "subject"];

type Test<Value> = (value: Value) => boolean;

/** Compiles a filter to a test of envelopes, or of what it looks at in them. The test never throws. */
export function compileFilter(filter: Filter = {}): Test<Pick<Envelope, "event" | "change">> {
  const sources = anyOf(filter.sources);
  const subjects = anyOf(filter.subjects);
  const types = typeTest(filter.types);
  const status = filter.status && new Set<Status>(filter.status);
  const labels = Object.entries(filter.labels ?? {}).map(([name, globs]) => [name, anyOf(globs)] as const);
  const changesOnly = filter.on === "change";
  return ({ event, change }) => {
    if (changesOnly && !change) return false;
    if (status && !status.has(event.status)) return false;
    if (!types(event.type)) return false;
    if (sources && !sources(event.source)) return false;
    if (subjects && !subjects(event.subject)) return false;
    for (const [name, test] of labels) {
      if (!Object.hasOwn(event.labels, name)) return false;
      if (test && !test(event.labels[name] as string)) return false;
    }
    return true;
  };
}

/** Null accepts everything. */
function anyOf(globs: readonly string[] | undefined): Test<string> | null {
  if (!globs || globs.includes("*")) return null;
  const tests = globs.map(compileGlob);
  const [only] = tests;
  return only && tests.length === 1 ? only : (text) => tests.some((test) => test(text));
}

function typeTest(globs: readonly string[] | undefined): Test<string> {
  const plain = anyOf(globs);
  // What a family is asked by: only the patterns that begin with its word.
  const families = RESERVED.map((word) => ({
    prefix: `${word}.`,
    asked: anyOf(globs?.filter((glob) => glob.startsWith(word)) ?? []),
  }));
  const judge = (type: string) => {
    const test = families.find(({ prefix }) => type.startsWith(prefix))?.asked ?? plain;
    return test === null || test(type);
  };
  // Types come from a small set, while events come by the thousand: remember the verdicts, within a bound.
  const known = new Map<string, boolean>();
  return (type) => {
    let verdict = known.get(type);
    if (verdict === undefined) {
      verdict = judge(type);
      if (known.size < 1000) known.set(type, verdict);
    }
    return verdict;
  };
}
