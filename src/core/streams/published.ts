import type { Envelope } from "../../plugin/index.ts";
import type { Bus } from "../bus.ts";
import type { Journal } from "../journal/port.ts";
import type { Recent } from "../recent.ts";

/** What published events are read from. */
export interface PublishedOptions {
  readonly journal: Pick<Journal, "read" | "oldest">;
  /** It must subscribe to the bus before this does. */
  readonly recent: Recent;
  readonly bus: Pick<Bus, "subscribeGroups">;
}

/**
 * Every envelope that the bus has published, by position: out of the shared ring while it is recent, else out of the journal. It holds no
 * queue for anybody, so a reader may be as slow as it likes.
 */
export class Published {
  readonly #options: PublishedOptions;
  readonly #waiting = new Set<() => void>();

  constructor(options: PublishedOptions) {
    this.#options = options;
    options.bus.subscribeGroups("readers", () => this.#wake());
  }

  /** Seq of the newest envelope that may be read; 0 when there never was one. */
  get head(): number {
    return this.#options.recent.head;
  }

  /** Seq of the oldest envelope still there; head + 1 when there is none. */
  get oldest(): number {
    return Math.min(this.#options.journal.oldest, this.head + 1);
  }

  /**
   * Envelopes after a position, in order: at most `limit`, and no more than about `maxBytes` beyond the first. Where the position was
   * pruned, the first one is simply later.
   */
  read(after: number, limit: number, maxBytes: number): readonly Envelope[] {
    const { journal, recent } = this.#options;
    const start = Math.max(after, this.oldest - 1);
    // What is committed but not published is for later: the board does not know of it yet.
    const count = Math.min(limit, this.head - start);
    if (count <= 0) return [];
    return recent.read(start, count, maxBytes) ?? journal.read(start, count, maxBytes);
  }

  /** Resolves when there is an envelope after the position, or when the signal aborts. Never rejects. */
  wait(after: number, signal: AbortSignal): Promise<void> {
    if (this.head > after || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        this.#waiting.delete(done);
        signal.removeEventListener("abort", done);
        resolve();
      };
      this.#waiting.add(done);
      signal.addEventListener("abort", done, { once: true });
    });
  }

  /** Once a group, whatever its size; those woken read after everybody on the bus has seen it. */
  #wake(): void {
    for (const done of [...this.#waiting]) done();
  }
}
