import type { PastEvent } from "../../../plugin/index.ts";

/** The parts of a batch on their way from the main thread: each can be worked on before the next one is there. */
export class PartQueue {
  readonly #parts: (readonly PastEvent[])[] = [];
  #complete = false;
  #failure: Error | null = null;
  #wake: (() => void) | null = null;

  /** A batch that is there as a whole. */
  static of(batch: readonly PastEvent[]): PartQueue {
    const queue = new PartQueue();
    queue.push(batch);
    queue.complete();
    return queue;
  }

  push(part: readonly PastEvent[]): void {
    this.#parts.push(part);
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

  /** Waits until everything has come, and throws it away. */
  async drain(): Promise<void> {
    while ((await this.next().catch(() => null)) !== null);
  }

  /** The next part; null at the end. */
  async next(): Promise<readonly PastEvent[] | null> {
    for (;;) {
      if (this.#failure) throw this.#failure;
      const part = this.#parts.shift();
      if (part) return part;
      if (this.#complete) return null;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
