import type { Logger } from "../../plugin/index.ts";
import type { Journal, SubjectKey, SubjectRow } from "../journal/port.ts";
import { Batch } from "./batch.ts";

/** What a committer is made from. */
export interface CommitterOptions {
  readonly journal: Pick<Journal, "append">;
  readonly log: Logger;
  /** What the next append says about subjects. */
  subjects(): { subjects: SubjectRow[]; retired: SubjectKey[] };
  /** A batch is committed and published, or (the journal closed) lost. */
  onSettled(batch: Batch, outcome: "accepted" | "closed"): void;
}

/** A batch that goes to the journal holds about so many events. */
const EVENTS = 1000;

/** Gathers what came in one turn of the event loop, and appends it. The journal publishes what it committed before it answers, in order. */
export class Committer {
  readonly #options: CommitterOptions;
  /** Batches that the journal has not answered. */
  #underWay = 0;
  #batch = new Batch();
  #scheduled = false;
  #idle = Promise.withResolvers<void>();

  constructor(options: CommitterOptions) {
    this.#options = options;
  }

  /** What the next append will hold: to be added to, then `added` to be called. */
  get batch(): Batch {
    return this.#batch;
  }

  /** Whether all that was added is committed and published. */
  get idle(): boolean {
    return this.#batch.empty && this.#underWay === 0;
  }

  /** Sees to it that the batch goes to the journal: at once when it is large, else with the rest of this turn of the event loop. */
  added(): void {
    if (this.#batch.envelopes.length >= EVENTS) this.flush();
    else if (!this.#scheduled) {
      this.#scheduled = true;
      setImmediate(() => {
        this.#scheduled = false;
        this.flush();
      });
    }
  }

  /** Hands the batch to the journal now. */
  flush(): void {
    const batch = this.#batch;
    if (batch.empty) return;
    this.#batch = new Batch();
    this.#underWay++;
    this.#options.journal.append(batch.writes(this.#options.subjects())).then(
      () => this.#accepted(batch),
      (error: unknown) => this.#lost(batch, error),
    );
  }

  /** Resolves the next time that there is nothing to commit and nothing to publish. */
  whenIdle(): Promise<void> {
    return this.idle ? Promise.resolve() : this.#idle.promise;
  }

  #accepted(batch: Batch): void {
    this.#options.onSettled(batch, "accepted");
    for (const waiter of batch.waiters) waiter.resolve();
    this.#answered();
  }

  #lost(batch: Batch, error: unknown): void {
    const { log, onSettled } = this.#options;
    if (batch.envelopes.length > 0)
      log.error(`${batch.envelopes.length} events were not committed: ${String(error)}`);
    onSettled(batch, "closed");
    for (const waiter of batch.waiters) waiter.reject(error);
    this.#answered();
  }

  #answered(): void {
    this.#underWay--;
    if (!this.idle) return;
    this.#idle.resolve();
    this.#idle = Promise.withResolvers();
  }
}
