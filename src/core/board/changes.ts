import type { Envelope } from "../../plugin/index.ts";

/** The newest changes of status, bounded. */
export class Changes {
  readonly #limit: number;
  /** Oldest first; trimmed when it reaches twice the limit, so that a change costs no shifting. */
  #envelopes: Envelope[];

  /** @param newestFirst what the journal remembers */
  constructor(newestFirst: readonly Envelope[], limit: number) {
    this.#limit = limit;
    this.#envelopes = newestFirst.slice(0, limit).reverse();
  }

  push(envelope: Envelope): void {
    this.#envelopes.push(envelope);
    if (this.#envelopes.length >= 2 * this.#limit) this.#envelopes = this.#envelopes.slice(-this.#limit);
  }

  /** The newest that pass the test, newest first. */
  newest(limit: number, test: (envelope: Envelope) => boolean): Envelope[] {
    const found: Envelope[] = [];
    const end = Math.max(0, this.#envelopes.length - this.#limit);
    for (let i = this.#envelopes.length - 1; i >= end && found.length < limit; i--) {
      const envelope = this.#envelopes[i] as Envelope;
      if (test(envelope)) found.push(envelope);
    }
    return found;
  }
}
