import type { Json, SinkState } from "../../plugin/index.ts";
import type { Journal, StateWrite } from "../journal/port.ts";

type Staged = Map<string, Json>;

/**
 * A sink's key-value store on its way into the journal. A value goes from `staged` (the write under way) to `ready` (that write succeeded)
 * to `committing` (a cursor is being saved with it), and can be read all along.
 */
export class SinkStore {
  readonly #journal: Pick<Journal, "state">;
  readonly #owner: string;
  #staged: Staged = new Map();
  #ready: Staged = new Map();
  #committing: Staged = new Map();

  /** @param owner `sink/<name>` */
  constructor(journal: Pick<Journal, "state">, owner: string) {
    this.#journal = journal;
    this.#owner = owner;
  }

  /**
   * What one life of the sink is given. After its abort it stages nothing more: a write left behind must not reach into the next life.
   * @param flush saves what is staged, out of turn
   */
  view(signal: AbortSignal, flush: () => Promise<void>): SinkState {
    return {
      get: async (key) => {
        for (const layer of [this.#staged, this.#ready, this.#committing]) {
          const value = layer.get(key);
          if (value !== undefined) return value ?? undefined;
        }
        return this.#journal.state(this.#owner, key).find(([found]) => found === key)?.[1];
      },
      entries: async (prefix = "") => {
        const entries = new Map(this.#journal.state(this.#owner, prefix));
        for (const layer of [this.#committing, this.#ready, this.#staged])
          for (const [key, value] of layer) {
            if (!key.startsWith(prefix)) continue;
            if (value === null) entries.delete(key);
            else entries.set(key, value);
          }
        return [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
      },
      set: (key, value) => {
        if (!signal.aborted) this.#staged.set(key, value);
      },
      flush,
    };
  }

  /** Before a write, so that what was set between writes outlives a failure; and after one that got somewhere. */
  keep(): void {
    for (const [key, value] of this.#staged) this.#ready.set(key, value);
    this.#staged = new Map();
  }

  /** After a write that got nowhere: it will stage again what it needs. */
  discard(): void {
    this.#staged = new Map();
  }

  /** What is to be written with the cursor now. Call `committed` when it is. */
  take(): StateWrite[] {
    this.#committing = this.#ready;
    this.#ready = new Map();
    return Array.from(this.#committing, ([key, value]) => ({ owner: this.#owner, key, value }));
  }

  /** What `take` gave is in the journal. */
  committed(): void {
    this.#committing = new Map();
  }
}
