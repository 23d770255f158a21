import type { SubjectKey } from "../journal/port.ts";

/** A map keyed by origin, source and subject that builds no key: nested maps, with the last pair of origin and source at hand. */
export class SubjectMap<Value> {
  readonly #origins = new Map<string, Map<string, Map<string, Value>>>();
  #lastOrigin: string | undefined;
  #lastSource: string | undefined;
  #last: Map<string, Value> | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get({ origin, source, subject }: SubjectKey): Value | undefined {
    return this.ofSource(origin, source)?.get(subject);
  }

  set({ origin, source, subject }: SubjectKey, value: Value): void {
    const sources = this.#origins.get(origin) ?? new Map<string, Map<string, Value>>();
    const subjects = sources.get(source) ?? new Map<string, Value>();
    if (subjects.size === 0) {
      this.#origins.set(origin, sources);
      sources.set(source, subjects);
      this.#lastOrigin = undefined;
    }
    const before = subjects.size;
    subjects.set(subject, value);
    this.#size += subjects.size - before;
  }

  delete({ origin, source, subject }: SubjectKey): void {
    const sources = this.#origins.get(origin);
    const subjects = sources?.get(source);
    if (!sources || !subjects?.delete(subject)) return;
    this.#size--;
    if (subjects.size > 0) return;
    this.#lastOrigin = undefined;
    sources.delete(source);
    if (sources.size === 0) this.#origins.delete(origin);
  }

  /** The values of one source, by subject. */
  ofSource(origin: string, source: string): ReadonlyMap<string, Value> | undefined {
    if (origin !== this.#lastOrigin || source !== this.#lastSource) {
      this.#last = this.#origins.get(origin)?.get(source);
      this.#lastOrigin = origin;
      this.#lastSource = source;
    }
    return this.#last;
  }

  *values(): Generator<Value> {
    for (const sources of this.#origins.values())
      for (const subjects of sources.values()) yield* subjects.values();
  }
}
