import type { Clock, Logger, Sink } from "../../plugin/index.ts";
import { backoffDelay } from "../backoff.ts";
import type { DeliveryOptions } from "../config/model.ts";
import type { RunScope } from "../supervisor/life.ts";
import type { Report } from "../supervisor/troubles.ts";
import { attemptWrite, GRACE_MS, type Outcome } from "./attempt.ts";
import type { DeliveryMetrics } from "./delivery-metrics.ts";
import type { Mutex } from "./mutex.ts";
import type { Progress } from "./progress.ts";
import type { BatchSource } from "./source.ts";

/** One failure alone is not shown as a trouble: it mostly passes with the next try. */
const SHOWN_FAILURES = 2;

/** After so many events, or batches, the rest of the process has a turn. */
const TURN_EVENTS = 1000;
const TURN_BATCHES = 50;

/** What a session is made from. */
export interface SessionParts {
  readonly sink: Sink;
  readonly life: Pick<RunScope, "signal" | "fail">;
  /** Where failed writes are shown. */
  readonly report: Report;
  readonly progress: Progress;
  readonly source: BatchSource;
  readonly options: DeliveryOptions;
  /** Whether unread events are lost with the process, so that a stop must deliver all of them. */
  readonly live: boolean;
  /** Held during every write. */
  readonly writing: Mutex;
  readonly clock: Clock;
  readonly log: Logger;
  readonly redact?: ((text: string) => string) | undefined;
  readonly metrics: DeliveryMetrics;
  readonly random: () => number;
}

/** The delivery loop over one life of a sink: gather a batch, write it, settle what came of it. */
export class Session {
  readonly #parts: SessionParts;
  /** Aborts when nothing may be waited for any more: a stop began, or the life ended. */
  readonly #halt = new AbortController();
  /** Aborts when writing must end: the stop's deadline, or the end of the life. */
  readonly #cut = new AbortController();
  #stopping = false;
  #lastBatch = false;
  #inFlight = 0;
  #sinceTurn = 0;

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  /** Events of the write under way. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Aborts when writing must end, at the latest when the session is over. */
  get cut(): AbortSignal {
    return this.#cut.signal;
  }

  /** Delivers until `stop` or the end of the life. Never rejects; an error of its own fails the life. */
  async run(): Promise<void> {
    const { life, progress } = this.#parts;
    const over = new AbortController();
    const end = () => {
      this.#halt.abort();
      this.#cut.abort();
    };
    if (life.signal.aborted) end();
    else life.signal.addEventListener("abort", end, { once: true, signal: over.signal });
    try {
      while (await this.#gather()) if (!(await this.#deliver())) break;
    } catch (error) {
      life.fail(error);
    }
    over.abort();
    await this.#within(progress.flush());
    this.#cut.abort();
  }

  /** Asks the loop to end: at once where it waits, after what it writes, at the deadline in any case. `run` resolves when it has. */
  stop(deadline: AbortSignal): void {
    this.#stopping = true;
    this.#halt.abort();
    if (deadline.aborted) this.#cut.abort();
    else
      deadline.addEventListener("abort", () => this.#cut.abort(), { once: true, signal: this.#cut.signal });
  }

  /** Fills the batch until it is worth a write. Returns false when the session is over. */
  async #gather(): Promise<boolean> {
    const { progress, options, clock, live } = this.#parts;
    for (;;) {
      if (this.#cut.signal.aborted) return false;
      if (this.#stopping && !live && this.#lastBatch && progress.attempts === 0) return false;
      const fill = progress.attempts > 0 ? "full" : progress.fill();
      if (fill === "more") {
        await nextTurn();
        continue;
      }
      const { size, openedAt } = progress.window;
      const left = size > 0 ? openedAt + options.batch.maxWait - clock.monotonic() : undefined;
      if (size > 0 && (fill === "full" || this.#stopping || (left !== undefined && left <= 0))) {
        // A durable sink's backlog stays in the journal: a stop writes what is read, and no more.
        this.#lastBatch = this.#stopping;
        return true;
      }
      if (this.#stopping) return false;
      await this.#waitForMore(left);
    }
  }

  /** Writes the batch once and settles it. Returns false when the session is over. */
  async #deliver(): Promise<boolean> {
    const { life, report, progress, log } = this.#parts;
    const batch = progress.window.pending();
    const outcome = await this.#parts.writing.run(() => this.#attempt(batch));
    const mark = this.#mark(outcome);
    if (mark === "nothing") progress.store.discard();
    else progress.store.keep();
    const done = progress.settle();
    // Dead letters are waited for, so that a sink that refuses everything cannot pile them up in memory.
    if (mark === "refused" || mark === "exhausted") await this.#within(progress.flush());
    if (this.#cut.signal.aborted) return false;
    if (mark === "delivered" || mark === "refused") {
      progress.fruitless = 0;
      report.recovered();
      await this.#giveTurn(batch.length);
      return true;
    }
    const { reason } = outcome as { reason: string };
    if (outcome.kind === "stuck") {
      log.warn("a write hangs, the sink is started anew", { reason, events: batch.length });
      life.fail(new Error(reason));
      return false;
    }
    return this.#backOff(reason, done);
  }

  /** Waits before the next write. Returns false when a stop leaves no time for one. */
  async #backOff(reason: string, done: boolean): Promise<boolean> {
    const { report, progress, log, options, live, random } = this.#parts;
    const { fruitless } = progress;
    progress.watchLoss();
    if (this.#stopping && !live && !done) return false;
    const delay = backoffDelay(Math.max(0, fruitless - 1), options.retry, random);
    log.debug("a write failed", { reason, fruitless, delay });
    if (fruitless >= SHOWN_FAILURES) report.degraded(`${reason}; ${fruitless} tries in a row failed`);
    // A live sink may try on until the deadline; for a durable one the stop interrupts the wait, for a last try.
    await this.#pause(delay, this.#stopping ? this.#cut.signal : this.#halt.signal);
    return true;
  }

  async #attempt(batch: ReturnType<Progress["window"]["pending"]>): Promise<Outcome> {
    const { sink, progress, clock, options, metrics, redact } = this.#parts;
    progress.store.keep();
    progress.attempts++;
    this.#inFlight = batch.length;
    const began = clock.monotonic();
    const outcome = await attemptWrite(sink, batch, {
      timeout: options.timeout,
      signal: this.#cut.signal,
      clock,
      redact,
    });
    metrics.writeSeconds.observe((clock.monotonic() - began) / 1000);
    this.#inFlight = 0;
    return outcome;
  }

  /** Marks in the batch what came of the write, and says what that means. */
  #mark(outcome: Outcome): "delivered" | "refused" | "some" | "nothing" | "exhausted" {
    const { progress, options, metrics } = this.#parts;
    const { window } = progress;
    if (outcome.kind === "delivered") {
      window.markDelivered("all");
      return "delivered";
    }
    // A refusal that names none of the batch is a failure like any other; else it would come back at once, for ever.
    if (outcome.kind === "refused" && window.markRefused(outcome.refused, outcome.reason) > 0)
      return "refused";
    const some = outcome.kind === "failed" && window.markDelivered(outcome.delivered) > 0;
    // What the end of this life interrupted is not the sink's failure.
    if (this.#cut.signal.aborted) return some ? "some" : "nothing";
    metrics.retries.add();
    progress.failures++;
    progress.fruitless = some ? 1 : progress.fruitless + 1;
    const { maxAttempts } = options.retry;
    if (maxAttempts > 0 && progress.failures >= maxAttempts && window.markRefused("all", outcome.reason) > 0)
      return "exhausted";
    return some ? "some" : "nothing";
  }

  async #waitForMore(ms: number | undefined): Promise<void> {
    const { source, progress, clock } = this.#parts;
    const nap = new AbortController();
    const wake = () => nap.abort();
    if (ms !== undefined) clock.setTimeout(wake, ms, nap.signal);
    if (this.#halt.signal.aborted) wake();
    else this.#halt.signal.addEventListener("abort", wake, { once: true, signal: nap.signal });
    await source.wait(progress.feed.ahead, nap.signal);
    nap.abort();
  }

  /** A sink that never really waits must not hold the event loop over a long backlog. */
  async #giveTurn(events: number): Promise<void> {
    this.#sinceTurn += Math.max(events, TURN_EVENTS / TURN_BATCHES);
    if (this.#sinceTurn < TURN_EVENTS) return;
    this.#sinceTurn = 0;
    await nextTurn();
  }

  async #pause(ms: number, signal: AbortSignal): Promise<void> {
    await this.#parts.clock.sleep(ms, signal).catch(() => {});
  }

  /** Waits for something, but after the cut no longer than the grace: a full disk must not hold up a stop. */
  async #within(task: Promise<void>): Promise<void> {
    const { clock } = this.#parts;
    const over = new AbortController();
    const late = Promise.withResolvers<void>();
    const giveUp = () => clock.setTimeout(late.resolve, GRACE_MS, over.signal);
    if (this.#cut.signal.aborted) giveUp();
    else this.#cut.signal.addEventListener("abort", giveUp, { once: true, signal: over.signal });
    await Promise.race([task, late.promise]);
    over.abort();
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
