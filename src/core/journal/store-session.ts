import type { WriterReport, WriterRequest } from "./messages.ts";
import type { JournalStore } from "./store.ts";

/** What a session needs from the place it runs in. */
export interface SessionOptions {
  report(report: WriterReport): void;
  /** Called when SQLite finds its file damaged. */
  onCorrupt?(): void;
  /** Milliseconds that every commit takes longer; only for tests and benches. */
  readonly commitDelay?: number;
}

const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

/** Carries out a writer's requests, one after the other, on a store: the same in the thread and in process. */
export class StoreSession {
  readonly #store: JournalStore;
  readonly #options: SessionOptions;
  /** Why the group under way cannot be committed. Until `reset`, nothing may overtake it. */
  #failure: string | null = null;
  #now = 0;
  #pruning = false;

  constructor(store: JournalStore, options: SessionOptions) {
    this.#store = store;
    this.#options = options;
  }

  handle(request: WriterRequest): void {
    switch (request.kind) {
      case "slice":
        if (this.#failure === null) this.#attempt(() => this.#store.apply(request.slice));
        break;
      case "commit":
        this.#commit(request.now);
        break;
      case "reset":
        this.#failure = null;
        this.#attempt(() => this.#store.rollback());
        break;
      case "maintain":
        this.#prune(request.now);
        break;
      case "pin":
        this.#store.pin(request.sinks);
        this.#prune(request.now);
        break;
      case "close":
        this.#close();
    }
  }

  #commit(now: number): void {
    if (this.#failure === null) {
      this.#delay();
      this.#attempt(() => this.#store.commit());
    }
    if (this.#failure !== null) {
      // A full disk may still have room in the log once its pages are in the file.
      this.#store.checkpoint();
      this.#options.report({ kind: "failed", reason: this.#failure });
      return;
    }
    this.#options.report({ kind: "committed", footprint: this.#store.footprint });
    this.#prune(now);
  }

  #attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#failure = describe(error);
      if (isDamage(error)) this.#options.onCorrupt?.();
      try {
        this.#store.rollback();
      } catch {
        // The failure that counts is the first one; `reset` tries again.
      }
    }
  }

  /** One step between two groups; while there is more to do, another one follows when everything that waits has had its turn. */
  #prune(now: number): void {
    this.#now = now;
    if (this.#pruning || this.#failure !== null || this.#store.inTransaction) return;
    let more: boolean;
    try {
      const pruned = this.#store.prune(now);
      more = pruned.more;
      if (more)
        this.#options.report({ kind: "pruned", footprint: this.#store.footprint, drops: pruned.drops });
    } catch {
      // Commits fail for the same reason, and say so; the next group or the next round tries again.
      return;
    }
    if (!more) return;
    this.#pruning = true;
    setImmediate(() => {
      this.#pruning = false;
      this.#prune(this.#now);
    });
  }

  #close(): void {
    this.#failure = "closed";
    try {
      this.#store.close();
    } catch {
      // What is committed is safe without the last checkpoint too.
    }
    this.#options.report({ kind: "closed" });
  }

  #delay(): void {
    const milliseconds = this.#options.commitDelay ?? 0;
    if (milliseconds > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function isDamage(error: unknown): boolean {
  const code = ((error as { errcode?: number }).errcode ?? 0) & 0xff;
  return code === SQLITE_CORRUPT || code === SQLITE_NOTADB;
}
