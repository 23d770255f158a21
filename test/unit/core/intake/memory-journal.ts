import type { Journal, SubjectRow, Writes } from "../../../../src/core/journal/port.ts";
import type { Envelope, Json } from "../../../../src/plugin/index.ts";

/** A journal in memory whose commits a test can hold back, so that it decides when something is durable. */
export class MemoryJournal
  implements
    Pick<
      Journal,
      "epoch" | "origin" | "head" | "oldest" | "append" | "read" | "changes" | "has" | "subjects" | "state"
    >
{
  readonly epoch = "3f2c-epoch";
  readonly origin = "origin-a";
  readonly envelopes: Envelope[] = [];
  readonly appends: Writes[] = [];
  readonly #rows = new Map<string, SubjectRow>();
  readonly #ids = new Set<string>();
  readonly #state = new Map<string, Json>();
  readonly #held: (() => void)[] = [];
  #head = 0;
  #oldest = 1;
  #hold = false;
  #closed: Error | undefined;
  /** Told of committed envelopes before the append that brought them resolves, as the real one does. */
  onCommitted: (envelopes: readonly Envelope[]) => void = () => {};

  get head(): number {
    return this.#head;
  }

  get oldest(): number {
    return Math.min(this.#oldest, this.head + 1);
  }

  /** From now on appends wait for `release`. */
  hold(): void {
    this.#hold = true;
  }

  /** Commits what waits, and from now on everything at once. */
  release(): void {
    this.#hold = false;
    for (const commit of this.#held.splice(0)) commit();
  }

  /** Refuses appends from now on, also those that wait. */
  close(error: Error): void {
    this.#closed = error;
    this.release();
  }

  /** Forgets everything before a seq, as retention does. */
  prune(before: number): void {
    this.#oldest = before;
    while ((this.envelopes[0]?.seq ?? before) < before) this.envelopes.shift();
  }

  append(writes: Writes): Promise<void> {
    this.appends.push(writes);
    return new Promise((resolve, reject) => {
      const commit = () => {
        if (this.#closed) return reject(this.#closed);
        this.#commit(writes);
        this.onCommitted(writes.events ?? []);
        resolve();
      };
      if (this.#hold) this.#held.push(commit);
      else commit();
    });
  }

  #commit({ events = [], ownIds = [], subjects = [], retired = [], state = [] }: Writes): void {
    for (const envelope of events) {
      if (envelope.seq !== this.head + 1) throw new Error(`seq ${envelope.seq} after ${this.head}`);
      this.envelopes.push(envelope);
      this.#head = envelope.seq;
    }
    for (const id of ownIds) this.#ids.add(id);
    for (const row of subjects) this.#rows.set(`${row.origin} ${row.source} ${row.subject}`, row);
    for (const key of retired) this.#rows.delete(`${key.origin} ${key.source} ${key.subject}`);
    for (const { owner, key, value } of state)
      if (value === null) this.#state.delete(`${owner} ${key}`);
      else this.#state.set(`${owner} ${key}`, value);
  }

  read(after: number, limit: number, _maxBytes: number): readonly Envelope[] {
    return this.envelopes.filter((envelope) => envelope.seq > after).slice(0, limit);
  }

  changes(limit: number): readonly Envelope[] {
    return this.envelopes
      .filter((envelope) => envelope.change)
      .reverse()
      .slice(0, limit);
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  subjects(): readonly SubjectRow[] {
    return [...this.#rows.values()];
  }

  state(owner: string, prefix: string): ReadonlyArray<readonly [key: string, value: Json]> {
    const start = `${owner} ${prefix}`;
    return [...this.#state]
      .filter(([key]) => key.startsWith(start))
      .map(([key, value]) => [key.slice(owner.length + 1), value] as const);
  }
}
