import type { GroupWriter, OnPruned } from "./group-writer.ts";
import type { Slice } from "./slice.ts";
import type { Footprint, JournalStore } from "./store.ts";
import { StoreSession } from "./store-session.ts";

/** Writes in process, for a journal in memory: no disk to wait for, so no thread and no waiting for company. */
export class LocalWriter implements GroupWriter {
  readonly window = 0;
  readonly maxEvents = 1000;
  readonly #session: StoreSession;
  /** The reader shares the connection: rows are written only together with their commit, so that it never sees half a group. */
  #slices: Slice[] = [];
  #outcome: Footprint | string = "no commit yet";

  constructor(store: JournalStore, onPruned: OnPruned) {
    this.#session = new StoreSession(store, {
      report: (report) => {
        // Pruning follows a commit at once, and its footprint is the newer one.
        if (report.kind === "committed" || report.kind === "pruned") this.#outcome = report.footprint;
        if (report.kind === "failed") this.#outcome = report.reason;
        if (report.kind === "pruned") onPruned(report.footprint, report.drops);
      },
    });
  }

  apply(slice: Slice): void {
    this.#slices.push(slice);
  }

  async commit(now: number): Promise<Footprint> {
    const slices = this.#slices;
    this.#slices = [];
    for (const slice of slices) this.#session.handle({ kind: "slice", slice });
    this.#session.handle({ kind: "commit", now });
    if (typeof this.#outcome === "string") throw new Error(this.#outcome);
    return this.#outcome;
  }

  async reset(): Promise<void> {
    this.#slices = [];
    this.#session.handle({ kind: "reset" });
  }

  maintain(now: number): void {
    this.#session.handle({ kind: "maintain", now });
  }

  pin(sinks: ReadonlySet<string>, now: number): void {
    this.#session.handle({ kind: "pin", sinks, now });
  }

  async close(): Promise<void> {
    this.#session.handle({ kind: "close" });
  }

  kill(): Promise<void> {
    return this.close();
  }
}
