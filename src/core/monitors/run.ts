import type { ProbeRun } from "../../plugin/index.ts";
import { LazyAbort } from "./lazy-abort.ts";

/** One run of a probe, as the probe sees it, with the marks of whoever drives it. */
export class Run implements ProbeRun {
  readonly trigger: ProbeRun["trigger"];
  /** Monotonic milliseconds. */
  readonly startedAt: number;
  /** Of the stall meter, at the start. */
  readonly stalledBefore: number;
  /** Whether its verdict is out, or nobody wants it any more: what the probe says later is ignored. */
  over = false;
  /** Whether it takes a place within the gate. */
  inside = true;
  readonly #abort = new LazyAbort();

  constructor(trigger: ProbeRun["trigger"], startedAt: number, stalledBefore: number) {
    this.trigger = trigger;
    this.startedAt = startedAt;
    this.stalledBefore = stalledBefore;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Aborts the signal; only the first reason counts. */
  abort(reason: unknown): void {
    this.#abort.abort(reason);
  }
}
