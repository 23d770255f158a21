import type { Envelope } from "../../../plugin/index.ts";

type Part = readonly Envelope[];

/**
 * The parts of a batch on their way from the main thread: each can be worked on before the next one is there, and is read when its turn has come,
 * so that the database is not kept waiting for those behind it. It can be gone through again, from the first one.
 */
export class PartQueue implements AsyncIterable<Part> {
  readonly #parts: (Part | (() => Part))[] = [];
  #complete = false;
  #failure: Error | null = null;
  #wake: (() => void) | null = null;

  /** A batch that is there as a whole. */
  static of(batch: Part): PartQueue {
    const queue = new PartQueue();
    queue.push(() => batch);
    queue.complete();
    return queue;
  }

  /** @param read makes the events, once */
  push(read: () => Part): void {
    this.#parts.push(read);
    this.#wake?.();
  }

  /** No part comes any more. */
  complete(): void {
    this.#complete = true;
    this.#wake?.();
  }

  /** Whoever waits is given up. */
  fail(error: Error): void {
    this.#failure = error;
    this.#wake?.();
  }

  /** Resolves when no part comes any more. */
  async ended(): Promise<void> {
    while (!this.#complete && !this.#failure) await this.#change();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Part> {
    for (let at = 0; ; at++) {
      while (at >= this.#parts.length && !this.#complete && !this.#failure) await this.#change();
      if (this.#failure) throw this.#failure;
      const part = this.#parts[at];
      if (!part) return;
      const events = typeof part === "function" ? part() : part;
      this.#parts[at] = events;
      yield events;
    }
  }

  async #change(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }
}
