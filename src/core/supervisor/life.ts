import type { Clock, Logger } from "../../plugin/index.ts";
import type { Scope } from "../contexts/scope.ts";

/** How long the teardown of one life may take before it is left behind. */
export const TEARDOWN_MS = 1000;

/** Why a life ended. */
export type Ending =
  | { readonly kind: "failed"; readonly error: unknown }
  | { readonly kind: "completed" }
  | { readonly kind: "restart"; readonly reason: string }
  | { readonly kind: "stop" };

/** One life of a component as what runs in it sees it: a scope, and the ways to say how it goes. */
export interface RunScope extends Scope {
  /** It broke: teardown, back-off, a new life. A LifeguardError with code `CONFIG` is for good. */
  fail(error: unknown): void;
  /** It is done: teardown, and no new life. */
  complete(): void;
  /** It works on a trouble by itself: shown as `recoverable`, and nothing is restarted. */
  degraded(message: string): void;
  /** The trouble is over. */
  recovered(): void;
}

interface Teardown {
  readonly call: () => void | Promise<void>;
  readonly name: string;
}

/** One life, from a start to the end of its teardown. */
export class Life implements RunScope {
  readonly #abort = new AbortController();
  readonly #teardowns: Teardown[] = [];
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #report: (trouble: string | null) => void;
  readonly #ended = Promise.withResolvers<Ending>();

  /** @param report is told of a trouble that the component works on, null when it is over */
  constructor(clock: Clock, log: Logger, report: (trouble: string | null) => void) {
    this.#clock = clock;
    this.#log = log;
    this.#report = report;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Resolves with the first reason to end. */
  get ended(): Promise<Ending> {
    return this.#ended.promise;
  }

  onStop(teardown: () => void | Promise<void>): void {
    const name = teardown.name || `teardown ${this.#teardowns.length + 1}`;
    if (!this.signal.aborted) {
      this.#teardowns.push({ call: teardown, name });
      return;
    }
    // Whoever comes this late, after a slow start, has opened something all the same.
    void this.#run({ call: teardown, name });
  }

  fail(error: unknown): void {
    this.end({ kind: "failed", error });
  }

  complete(): void {
    this.end({ kind: "completed" });
  }

  degraded(message: string): void {
    if (!this.signal.aborted) this.#report(message);
  }

  recovered(): void {
    if (!this.signal.aborted) this.#report(null);
  }

  /** Gives the reason to end; only the first one counts. */
  end(ending: Ending): void {
    this.#ended.resolve(ending);
  }

  /** Aborts the signal and runs what was registered, last first, each after the one before, for no longer than `TEARDOWN_MS` in all. */
  async close(reason: string): Promise<void> {
    this.#abort.abort(new DOMException(reason, "AbortError"));
    const left = this.#teardowns.splice(0).reverse();
    const timer = new AbortController();
    const late = this.#clock.sleep(TEARDOWN_MS, timer.signal).then(
      () => true,
      () => false,
    );
    const unfinished: string[] = [];
    for (const teardown of left) {
      const done = this.#run(teardown).then(() => false);
      // After the deadline the others are still called, so that each gets its chance, but nobody waits.
      if (unfinished.length > 0 || (await Promise.race([done, late]))) unfinished.push(teardown.name);
    }
    timer.abort();
    if (unfinished.length > 0)
      this.#log.warn(`did not stop within ${TEARDOWN_MS} ms`, { unfinished, waited: reason });
  }

  async #run({ call, name }: Teardown): Promise<void> {
    try {
      await call();
    } catch (error) {
      this.#log.warn(`${name} failed`, { error });
    }
  }
}
