import {
  type Clock,
  compileFilter,
  type Envelope,
  type EventDraft,
  type Logger,
} from "../../plugin/index.ts";
import type { SinkInstance } from "../config/model.ts";
import type { Cursor, DeadLetter, Journal } from "../journal/port.ts";
import { CursorSaver } from "./cursor-saver.ts";
import { DeadLetterLimit } from "./dead-letter-limit.ts";
import type { DeliveryMetrics } from "./delivery-metrics.ts";
import { Feed } from "./feed.ts";
import { LossReport } from "./loss-report.ts";
import { SinkStore } from "./sink-store.ts";
import type { BatchSource } from "./source.ts";
import { Window } from "./window.ts";

/** What progress is made from. */
export interface ProgressParts {
  readonly instance: SinkInstance;
  readonly journal: Journal;
  readonly source: BatchSource;
  readonly clock: Clock;
  readonly log: Logger;
  /** Asked when something is counted: a sink that never writes has none. */
  readonly metrics: () => DeliveryMetrics;
  readonly emit: (draft: EventDraft) => void;
  readonly deadLetterLimit: number;
}

/** How far one sink has come: its position, its batch and its books. It outlives the lives of the sink. */
export class Progress {
  readonly feed: Feed;
  readonly window: Window;
  readonly store: SinkStore;
  readonly deadLetterLimit: DeadLetterLimit;
  /** How often the batch was written. */
  attempts = 0;
  /** How often the batch failed in a way that may pass. */
  failures = 0;
  /** How many writes in a row got nowhere; it paces the back-off, over batches and lives. */
  fruitless = 0;

  readonly #parts: ProgressParts;
  readonly #accepts: (envelope: Envelope) => boolean;
  readonly #saver: CursorSaver;
  readonly #unread: LossReport;
  readonly #letters: LossReport;
  #books: Cursor;
  /** Pruned beyond memory, and told, before the feed comes by. */
  #foretold = 0;

  /** @param books the cursor to go on from */
  constructor(parts: ProgressParts, books: Cursor) {
    const { instance, journal, source, clock, log, emit } = parts;
    this.#parts = parts;
    this.#books = books;
    this.#accepts = compileFilter(instance.from);
    this.feed = new Feed(source, books.seq);
    this.window = new Window(instance.delivery.batch, books.seq);
    this.store = new SinkStore(journal, `sink/${instance.name}`);
    this.deadLetterLimit = new DeadLetterLimit(journal, instance.name, parts.deadLetterLimit);
    const telling = { sink: instance.name, clock, log, emit };
    this.#unread = new LossReport({
      ...telling,
      reason: "unread",
      message: (count) => `${countOf(count, "event")} pruned from the journal before the sink had them`,
    });
    this.#letters = new LossReport({
      ...telling,
      reason: "dead-letters",
      message: (count) =>
        `${countOf(count, "dead letter")} deleted, the oldest: there may be ${parts.deadLetterLimit}`,
    });
    this.#saver = new CursorSaver({
      journal,
      store: this.store,
      clock,
      log,
      books: () => this.#books,
      onDeadLetters: (count) => void this.#trimDeadLetters(count),
    });
  }

  /** Books and cursor: base + delivered + filtered + deadLettered + dropped = seq, at any time. */
  get books(): Cursor {
    return this.#books;
  }

  /** Fills the batch with what there is, and passes what matches nothing. */
  fill(): "full" | "dry" | "more" {
    const state = this.window.fill(this.feed, this.#accepts, this.#parts.clock.monotonic());
    if (this.window.size === 0) this.#advance(false);
    // Everything up to the head is in hand: what was foretold has come, or was spared after all.
    if (state === "dry" && this.window.size === 0) this.#foretold = 0;
    return state;
  }

  /** Takes over what the sink did with the batch, and saves. Returns whether nothing of the batch is left. */
  settle(): boolean {
    this.#advance(true);
    if (this.window.size > 0) return false;
    this.attempts = this.failures = 0;
    return true;
  }

  /** While the sink cannot write: tells what is being pruned beyond its reach. */
  watchLoss(): void {
    const pruned = this.feed.prunedAhead();
    if (pruned > this.#foretold) this.#unread.lost(pruned - this.#foretold);
    this.#foretold = pruned;
  }

  /** Saves the cursor even where nothing moved. */
  save(): void {
    this.#saver.save();
  }

  /** Resolves when everything is saved, or the journal has closed. */
  flush(): Promise<void> {
    this.#unread.flush();
    this.#letters.flush();
    return this.#saver.flush();
  }

  #advance(soon: boolean): void {
    const { clock, instance } = this.#parts;
    const metrics = this.#parts.metrics();
    const before = this.#books;
    const letters: DeadLetter[] = [];
    const at = new Date(clock.now()).toISOString();
    const after = this.window.advance(before, ({ envelope, reason }) =>
      letters.push({ sink: instance.name, envelope, at, reason, attempts: this.attempts }),
    );
    if (after === before) return;
    this.#books = after;
    metrics.delivered.add(after.delivered - before.delivered);
    metrics.filtered.add(after.filtered - before.filtered);
    metrics.refused.add(after.deadLettered - before.deadLettered);
    const dropped = after.dropped - before.dropped;
    metrics.dropped.add(dropped);
    const known = Math.min(dropped, this.#foretold);
    this.#foretold -= known;
    if (dropped > known) this.#unread.lost(dropped - known);
    if (soon || dropped > 0) this.#saver.save(letters);
    else this.#saver.saveLater();
  }

  async #trimDeadLetters(added: number): Promise<void> {
    const { metrics, log } = this.#parts;
    try {
      const count = await this.deadLetterLimit.trim(added);
      if (count === 0) return;
      metrics().deadLettersDropped.add(count);
      this.#letters.lost(count);
    } catch (error) {
      log.warn("dead letters could not be trimmed", { error });
    }
  }
}

function countOf(count: number, what: string): string {
  return count === 1 ? `1 ${what} was` : `${count} ${what}s were`;
}
