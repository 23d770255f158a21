import type { Envelope } from "../../plugin/index.ts";
import type { Pending } from "./pending.ts";

/** Events of one turn: some milliseconds of work for all subscribers. */
const TURN_EVENTS = 1000;

/** Called with committed envelopes, in seq order, before the appends that brought them resolve. */
export type OnCommitted = (envelopes: readonly Envelope[]) => void;

/**
 * Tells of committed appends, in order and in small turns, so that a group of thousands does not hold up everything else: first the
 * envelopes, then the promises.
 */
export class Publication {
  readonly #onCommitted: OnCommitted;
  readonly #onIdle: () => void;
  readonly #queue: Pending[] = [];
  #offset = 0;
  #busy = false;
  #head: number;

  /** @param onIdle called whenever everything has been told */
  constructor(head: number, onCommitted: OnCommitted, onIdle: () => void) {
    this.#head = head;
    this.#onCommitted = onCommitted;
    this.#onIdle = onIdle;
  }

  /** Seq of the newest event that was told. */
  get head(): number {
    return this.#head;
  }

  get idle(): boolean {
    return !this.#busy;
  }

  /** Tells of a committed group, after those before it. */
  publish(group: readonly Pending[]): void {
    for (const pending of group) this.#queue.push(pending);
    if (this.#busy) return;
    this.#busy = true;
    this.#turn();
  }

  #turn(): void {
    const envelopes: Envelope[] = [];
    const settled: Pending[] = [];
    let next = 0;
    for (; next < this.#queue.length && envelopes.length < TURN_EVENTS; next++) {
      const pending = this.#queue[next] as Pending;
      const events = pending.change.events ?? [];
      const end = Math.min(events.length, this.#offset + TURN_EVENTS - envelopes.length);
      for (let index = this.#offset; index < end; index++) envelopes.push(events[index] as Envelope);
      if (end < events.length) {
        this.#offset = end;
        break;
      }
      this.#offset = 0;
      settled.push(pending);
    }
    this.#queue.splice(0, next);
    const last = envelopes.at(-1);
    if (last) {
      this.#head = last.seq;
      this.#onCommitted(envelopes);
    }
    for (const pending of settled) pending.resolve();
    if (this.#queue.length > 0) setImmediate(() => this.#turn());
    else {
      this.#busy = false;
      this.#onIdle();
    }
  }
}
