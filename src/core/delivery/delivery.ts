import type { Clock, Envelope, EventDraft, Logger, Sink, SinkState } from "../../plugin/index.ts";
import { LifeguardError } from "../../plugin/index.ts";
import type { SinkInstance } from "../config/model.ts";
import type { Cursor, Journal } from "../journal/port.ts";
import type { ComponentMetrics } from "../metrics.ts";
import type { RunScope } from "../supervisor/life.ts";
import type { Running } from "../supervisor/runner.ts";
import type { Report } from "../supervisor/troubles.ts";
import { attemptWrite, type Outcome } from "./attempt.ts";
import { openCursor } from "./cursor.ts";
import { type DeliveryMetrics, deliveryMetrics } from "./delivery-metrics.ts";
import { Mutex } from "./mutex.ts";
import { Progress } from "./progress.ts";
import { Session } from "./session.ts";
import type { BatchSource } from "./source.ts";

/** What a delivery is made from. */
export interface DeliveryParts {
  readonly instance: SinkInstance;
  readonly journal: Journal;
  readonly source: BatchSource;
  readonly clock: Clock;
  readonly log: Logger;
  /** Hides secrets in what the sink says when it fails. Absent: nothing is hidden. */
  readonly redact?: ((text: string) => string) | undefined;
  /** The sink's metrics; they end with the component, not with the delivery. */
  readonly metrics: ComponentMetrics;
  /** Emits an event of own health: `lifeguard.sink.dropped` about `sink/<name>`. */
  readonly emit: (draft: EventDraft) => void;
  /** Most dead letters kept for this sink. */
  readonly deadLetterLimit: number;
  /** Whether a live sink goes on where an earlier delivery of this process stopped, as at a reload. Absent: it begins at the head. */
  readonly resume?: boolean | undefined;
  /** For the jitter. Absent: Math.random. */
  readonly random?: (() => number) | undefined;
}

/** The books of a sink: accepted = delivered + filtered + deadLettered + dropped + unread, at any time. */
export interface Books extends Cursor {
  /** Events since the books began. */
  readonly accepted: number;
  /** Events it has not dealt with. */
  readonly unread: number;
}

/** One sink's way from its cursor to its acknowledgement. It outlives restarts of the sink: each new life is attached to it. */
export class Delivery {
  readonly #parts: DeliveryParts;
  readonly #progress: Progress;
  readonly #writing = new Mutex();
  #metrics: DeliveryMetrics | undefined;
  #session: Session | undefined;
  /** The sink of the latest life, and how long it lives. */
  #running: { readonly sink: Sink; readonly signal: AbortSignal } | undefined;
  /** Whether its sink takes events, as far as is known: one without `write` is only read. */
  #delivers = true;
  /** Resolves when the last session is over. */
  #done: Promise<void> = Promise.resolve();

  private constructor(parts: DeliveryParts, cursor: Cursor) {
    this.#parts = parts;
    this.#progress = new Progress({ ...parts, metrics: () => this.#declared() }, cursor);
    // A durable sink that cannot start shows its backlog all the same; a live one may turn out to have no writes at all.
    if (parts.instance.mode === "durable") this.#declared();
  }

  /** Finds or makes the sink's cursor. To be awaited before any source starts: what is accepted afterwards reaches the sink. */
  static async open(parts: DeliveryParts): Promise<Delivery> {
    const { journal, instance, source, resume = false } = parts;
    return new Delivery(parts, await openCursor(journal, instance, { head: source.head, resume }));
  }

  /** The store for one life of the sink, to be its `ctx.state`. */
  state(signal: AbortSignal): SinkState {
    return this.#progress.store.view(signal, async () => {
      // Between two writes: what one under way has staged may yet be discarded.
      await this.#writing.run(async () => this.#progress.store.keep());
      this.#progress.save();
      await this.#progress.flush();
    });
  }

  /** Whether there are books to keep: a sink without `write` has none. */
  get delivers(): boolean {
    return this.#delivers;
  }

  /** The books as they are now. */
  get books(): Books {
    const books = this.#progress.books;
    const unread = Math.max(0, this.#parts.source.head - books.seq);
    return { ...books, accepted: books.seq - books.base + unread, unread };
  }

  /**
   * Delivers through a started sink until its life ends, and closes it then. A sink without `write` is only closed.
   * @param report where failed writes are shown. Absent: the life itself
   * @returns what the supervisor drains at a wanted stop: flush, save the cursor, close
   */
  attach(sink: Sink, life: RunScope, report: Report = life): Running {
    let closed: Promise<void> | undefined;
    const close = (): Promise<void> => {
      // A replay may still be writing; the end of the session has aborted it. The close itself must not hold up the next life's writes.
      closed ??= this.#writing.run(async () => {}).then(() => sink.close());
      return closed;
    };
    this.#delivers = sink.write !== undefined;
    if (!this.#delivers) this.#retire();
    this.#running = life.signal.aborted ? undefined : { sink, signal: life.signal };
    // A start that came too late finds its life over, and perhaps the next one at work.
    if (!sink.write || life.signal.aborted) {
      life.onStop(close);
      return {};
    }
    const { instance, log } = this.#parts;
    const live = instance.mode === "live";
    // Its cursor holds back retention while it runs.
    if (live) this.#progress.save();
    const session = new Session({
      ...this.#parts,
      sink,
      life,
      report,
      progress: this.#progress,
      options: instance.delivery,
      live,
      writing: this.#writing,
      metrics: this.#declared(),
      random: this.#parts.random ?? Math.random,
    });
    this.#session = session;
    const done = this.#done.then(() => session.run());
    this.#done = done;
    life.onStop(async function delivery() {
      await done;
      await close();
    });
    return {
      drain: async (deadline) => {
        session.stop(deadline);
        await done;
        const { unread } = this.books;
        if (live && unread > 0) log.warn(`${unread} events were not delivered before the stop`);
        await close();
      },
    };
  }

  /**
   * Writes a batch out of turn, between two batches, as a replay of dead letters does. It moves no cursor.
   * @throws LifeguardError `SINK_DOWN` when the sink does not run
   */
  async write(batch: readonly Envelope[]): Promise<Outcome> {
    const { instance, clock, redact } = this.#parts;
    return this.#writing.run(async () => {
      const sink = this.#running?.sink;
      const cut = this.#session?.cut;
      if (!sink || !cut || cut.aborted) throw this.#down();
      const { store } = this.#progress;
      store.keep();
      const outcome = await attemptWrite(sink, batch, {
        timeout: instance.delivery.timeout,
        signal: cut,
        clock,
        redact,
      });
      if (outcome.kind === "delivered") store.keep();
      else store.discard();
      this.#progress.save();
      return outcome;
    });
  }

  /**
   * Lets the sink try its way to the far end. Ends with the sink's life.
   * @returns what it did
   * @throws LifeguardError `SINK_DOWN` when it does not run, `SINK_UNTESTABLE` when it has no test, `SINK_TEST` when the test failed
   */
  async test(signal: AbortSignal): Promise<string> {
    const { instance, redact = (text: string) => text } = this.#parts;
    const running = this.#running;
    if (!running || running.signal.aborted) throw this.#down();
    if (!running.sink.test)
      throw new LifeguardError("SINK_UNTESTABLE", `sink ${instance.name} (${instance.type}) has no test`);
    try {
      return redact(await running.sink.test(AbortSignal.any([signal, running.signal])));
    } catch (error) {
      throw new LifeguardError("SINK_TEST", redact(error instanceof Error ? error.message : String(error)));
    }
  }

  /** To be called when retention took unread events: tells what this sink will not get, also while it cannot run. */
  noticePruning(): void {
    this.#progress.watchLoss();
  }

  /** To be called after dead letters of this sink were deleted by somebody else. */
  recountDeadLetters(): void {
    this.#progress.deadLetterLimit.recount();
  }

  #down(): LifeguardError {
    const { name } = this.#parts.instance;
    return new LifeguardError("SINK_DOWN", `sink ${name} is not running; try again when it is ok`);
  }

  #declared(): DeliveryMetrics {
    if (this.#metrics) return this.#metrics;
    const metrics = deliveryMetrics(this.#parts.metrics);
    this.#metrics = metrics;
    this.#parts.metrics.onCollect(() => {
      metrics.backlog.set(this.books.unread);
      metrics.oldestUnread.set(this.#oldestUnread());
      metrics.inFlight.set(this.#session?.inFlight ?? 0);
    });
    return metrics;
  }

  /** Seconds since this instance took in the oldest event that is not dealt with. */
  #oldestUnread(): number {
    const { source, clock } = this.#parts;
    const { seq, unread } = this.books;
    const oldest = unread > 0 ? source.read(seq, 1, 0)[0] : undefined;
    return oldest ? Math.max(0, clock.now() - Date.parse(oldest.received)) / 1000 : 0;
  }

  /** A sink without writes holds back nothing. */
  #retire(): void {
    const { journal, instance, log } = this.#parts;
    if (!journal.cursor(instance.name)) return;
    journal
      .forget([`sink/${instance.name}`])
      .catch((error) => log.warn("the cursor of a sink without writes stays", { error }));
  }
}
