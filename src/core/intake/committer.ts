import type { Logger } from "../../plugin/index.ts";
import type { Bus } from "../bus.ts";
import type { Journal, SubjectKey, SubjectRow } from "../journal/port.ts";
import { Batch } from "./batch.ts";

/** What a committer is made from. */
export interface CommitterOptions {
  readonly journal: Pick<Journal, "append">;
  readonly bus: Pick<Bus, "publish">;
  readonly log: Logger;
  /** What the next append says about subjects. */
  subjects(): { subjects: SubjectRow[]; retired: SubjectKey[] };
  /** A batch is published, or (the journal closed) lost. */
  onSettled(batch: Batch, outcome: "accepted" | "closed"): void;
}

/** A batch that goes to the journal holds about so many events, and so many are published before others have their turn. */
const EVENTS = 1000;

interface UnderWay {
  readonly batch: Batch;
  /** Set when the journal has answered. */
  outcome: { readonly error?: unknown } | undefined;
}

/** Gathers what came in one turn of the event loop, appends it, and publishes it in order once it is committed. */
export class Committer {
  readonly #options: CommitterOptions;
  readonly #underWay: UnderWay[] = [];
  #batch = new Batch();
  #scheduled = false;
  /** Events published in this turn of the event loop. */
  #published = 0;
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
    return this.#batch.empty && this.#underWay.length === 0;
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
    const entry: UnderWay = { batch, outcome: undefined };
    this.#underWay.push(entry);
    const answered = (outcome: { readonly error?: unknown }) => {
      entry.outcome = outcome;
      this.#publish();
    };
    this.#options.journal.append(batch.writes(this.#options.subjects())).then(
      () => answered({}),
      (error: unknown) => answered({ error }),
    );
  }

  /** Resolves the next time that there is nothing to commit and nothing to publish. */
  whenIdle(): Promise<void> {
    return this.idle ? Promise.resolve() : this.#idle.promise;
  }

  /** Publishes what is committed, in order; after so many events, others have their turn of the event loop. */
  #publish(): void {
    for (let first = this.#underWay[0]; first?.outcome; first = this.#underWay[0]) {
      if (this.#published >= EVENTS) return;
      this.#countTurn(first.batch.envelopes.length);
      this.#underWay.shift();
      this.#settle(first.batch, first.outcome);
    }
    if (!this.idle) return;
    this.#idle.resolve();
    this.#idle = Promise.withResolvers();
  }

  #countTurn(events: number): void {
    if (this.#published === 0 && events > 0)
      setImmediate(() => {
        this.#published = 0;
        this.#publish();
      });
    this.#published += events;
  }

  #settle(batch: Batch, outcome: { readonly error?: unknown }): void {
    const { bus, log, onSettled } = this.#options;
    if ("error" in outcome) {
      if (batch.envelopes.length > 0)
        log.error(`${batch.envelopes.length} events were not committed: ${String(outcome.error)}`);
      onSettled(batch, "closed");
      for (const waiter of batch.waiters) waiter.reject(outcome.error);
    } else {
      bus.publish(batch.envelopes);
      onSettled(batch, "accepted");
      for (const waiter of batch.waiters) waiter.resolve();
    }
  }
}
