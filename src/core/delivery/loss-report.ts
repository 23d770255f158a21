import type { Clock, EventDraft, Logger } from "../../plugin/index.ts";

/** How often a loss that goes on is told. */
const INTERVAL_MS = 60_000;

/** What a loss is, and where it is told. */
export interface LossReportParts {
  readonly sink: string;
  /** Machine-readable, in the event's data. */
  readonly reason: "unread" | "dead-letters";
  /** What people read. */
  readonly message: (count: number) => string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly emit: (draft: EventDraft) => void;
}

/** Tells that a sink lost something: at once when it begins, then the sum once a minute, so that no loss makes a flood of events. */
export class LossReport {
  readonly #parts: LossReportParts;
  #untold = 0;
  #toldAt = Number.NEGATIVE_INFINITY;
  #cancel: (() => void) | undefined;

  constructor(parts: LossReportParts) {
    this.#parts = parts;
  }

  /** Some more were lost. */
  lost(count: number): void {
    this.#untold += count;
    const wait = this.#toldAt + INTERVAL_MS - this.#parts.clock.monotonic();
    if (wait <= 0) this.flush();
    else this.#cancel ??= this.#parts.clock.setTimeout(() => this.flush(), wait);
  }

  /** Tells what has not been told, and ends the waiting. */
  flush(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    if (this.#untold === 0) return;
    const { sink, reason, clock, log, emit } = this.#parts;
    const count = this.#untold;
    this.#untold = 0;
    this.#toldAt = clock.monotonic();
    const message = this.#parts.message(count);
    log.warn(message);
    emit({ type: "lifeguard.sink.dropped", subject: `sink/${sink}`, message, data: { reason, count } });
  }
}
