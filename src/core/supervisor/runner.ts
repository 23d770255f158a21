import { type Clock, LifeguardError, type Logger } from "../../plugin/index.ts";
import { type Backoff, backoffDelay } from "../backoff.ts";
import type { Component } from "./component.ts";
import { type Ending, Life, type RunScope, TEARDOWN_MS } from "./life.ts";

/** What a start may give back. */
export interface Running {
  /** Called once before a wanted stop, while everything still works: the time to flush. The signal aborts when time is up. */
  drain?(deadline: AbortSignal): Promise<void>;
}

/** The message of a component that stopped because it was done. */
export const COMPLETED = "completed";

/** Starts one life. A rejection is retried after a back-off; a LifeguardError with code `CONFIG` is for good. */
// biome-ignore lint/suspicious/noConfusingVoidType: a start without a return statement has this type
export type Start = (life: RunScope) => Running | void | Promise<Running | void>;

/** How restarts are paced. */
export interface Pace {
  readonly backoff: Backoff;
  /** After this many milliseconds without a failure the back-off begins anew. */
  readonly steadyAfter: number;
  /** A start that takes longer, milliseconds, has failed. */
  readonly startTimeout: number;
  readonly random: () => number;
}

/** Keeps one component running: a life after another, until it is stopped. */
export class Runner {
  readonly component: Component;
  readonly #start: Start;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #pace: Pace;
  #life: Life | undefined;
  #running: Running | undefined;
  #wake = Promise.withResolvers<void>();
  #attempt = Promise.withResolvers<void>();
  #failure: string | undefined;
  #stopping = false;
  readonly #finished: Promise<void>;

  /** Begins its first life at once. */
  constructor(component: Component, start: Start, parts: { clock: Clock; log: Logger; pace: Pace }) {
    this.component = component;
    this.#start = start;
    this.#clock = parts.clock;
    this.#log = parts.log;
    this.#pace = parts.pace;
    this.#finished = this.#loop();
  }

  /** Resolves when the start under way, or the next one, has succeeded or failed. */
  get attempted(): Promise<void> {
    return this.#attempt.promise;
  }

  /** Why its last life failed; undefined where none has, or one is up since. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Ends this life and begins another without a back-off, also where the component had given up. Resolves when the new start was tried. */
  async restart(reason: string): Promise<void> {
    if (this.#stopping) return;
    const life = this.#life;
    const earlier = this.#attempt;
    this.#attempt = Promise.withResolvers<void>();
    // Whoever still waits for an earlier start waits for this one.
    void this.#attempt.promise.then(earlier.resolve);
    if (life) {
      await this.#drain(AbortSignal.any([life.signal, this.#signalIn(TEARDOWN_MS, life.signal)]));
      life.end({ kind: "restart", reason });
    } else this.#wake.resolve();
    await this.attempted;
  }

  /** Drains until the deadline, ends this life and begins no other. Resolves when teardown is over. Stopping twice is once. */
  async stop(deadline: AbortSignal): Promise<void> {
    if (!this.#stopping) {
      this.#stopping = true;
      if (this.component.state !== "stopped") this.component.to("stopping");
      if (this.#life) await this.#drain(deadline);
      this.#life?.end({ kind: "stop" });
      this.#wake.resolve();
    }
    await this.#finished;
  }

  async #loop(): Promise<void> {
    let failures = 0;
    // The constructor returns first: whoever made this runner has it in hand when the first state is told.
    await Promise.resolve();
    while (!this.#stopping) {
      this.#wake = Promise.withResolvers<void>();
      const began = this.#clock.monotonic();
      const ending = await this.#live();
      if (this.#stopping) break;
      if (ending.kind === "restart") {
        failures = 0;
        this.component.to("starting", ending.reason);
        continue;
      }
      if (ending.kind === "failed" && !isFinal(ending.error)) {
        if (this.#clock.monotonic() - began >= this.#pace.steadyAfter) failures = 0;
        await this.#backOff(ending.error, failures++);
        continue;
      }
      if (ending.kind === "failed") {
        this.component.to("permanent", messageOf(ending.error));
        this.#log.error("cannot work as configured", { error: ending.error });
      } else this.component.to("stopped", COMPLETED);
      this.#attempt.resolve();
      await this.#wake.promise;
      if (!this.#stopping) this.component.to("starting");
      failures = 0;
    }
    if (this.component.state !== "stopped") this.component.to("stopped");
    this.#attempt.resolve();
  }

  /** One life from its start to the end of its teardown. */
  async #live(): Promise<Ending> {
    let up = false;
    const life = new Life(this.#clock, this.#log, (trouble) => {
      if (!up || this.#stopping) return;
      if (trouble === null) this.component.to("ok");
      else this.component.to("recoverable", trouble);
    });
    this.#life = life;
    const cancel = this.#clock.setTimeout(
      () =>
        life.fail(new LifeguardError("START_TIMEOUT", `did not start within ${this.#pace.startTimeout} ms`)),
      this.#pace.startTimeout,
    );
    // Not waited for: a start that hangs holds up nobody, and one that comes late finds its scope ended.
    void this.#guardedStart(life).then(
      (running) => {
        cancel();
        if (life.signal.aborted) return;
        this.#running = running;
        this.#failure = undefined;
        up = true;
        if (!this.#stopping) this.component.to("ok");
        this.#attempt.resolve();
      },
      (error) => life.fail(error),
    );
    const ending = await life.ended;
    cancel();
    if (ending.kind === "failed") this.#failure = messageOf(ending.error);
    const why = ending.kind === "failed" ? messageOf(ending.error) : ending.kind;
    if (ending.kind === "failed" && !this.#stopping && !isFinal(ending.error))
      this.component.to("recoverable", messageOf(ending.error));
    this.#life = undefined;
    this.#running = undefined;
    await life.close(why);
    return ending;
  }

  async #guardedStart(life: Life): Promise<Running | undefined> {
    return (await this.#start(life)) ?? undefined;
  }

  async #backOff(error: unknown, failures: number): Promise<void> {
    const delay = backoffDelay(failures, this.#pace.backoff, this.#pace.random);
    const next = delay < 1000 ? `${delay} ms` : `${Math.round(delay / 1000)} s`;
    this.component.to("recoverable", `${messageOf(error)}; starts again in ${next}`);
    this.#log.warn(`failed, starts again in ${next}`, { error, failures: failures + 1 });
    this.#attempt.resolve();
    const timer = new AbortController();
    await Promise.race([this.#wake.promise, this.#clock.sleep(delay, timer.signal).catch(() => {})]);
    timer.abort();
  }

  /** Waits for the flush, and a moment beyond the deadline for it to notice. */
  async #drain(deadline: AbortSignal): Promise<void> {
    const running = this.#running;
    if (!running?.drain) return;
    const done = new AbortController();
    const given = Promise.withResolvers<void>();
    const giveUp = () => {
      this.#clock.setTimeout(
        () => {
          this.#log.warn("still flushing after the deadline, left behind");
          given.resolve();
        },
        TEARDOWN_MS,
        done.signal,
      );
    };
    if (deadline.aborted) giveUp();
    else deadline.addEventListener("abort", giveUp, { once: true, signal: done.signal });
    const flushed = (async () => running.drain?.(deadline))().catch((error) => {
      this.#log.warn("could not flush", { error });
    });
    await Promise.race([flushed, given.promise]);
    done.abort();
  }

  #signalIn(ms: number, cancel: AbortSignal): AbortSignal {
    const controller = new AbortController();
    this.#clock.setTimeout(
      () => controller.abort(new DOMException("time is up", "TimeoutError")),
      ms,
      cancel,
    );
    return controller.signal;
  }
}

function isFinal(error: unknown): boolean {
  return error instanceof LifeguardError && error.code === "CONFIG";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
