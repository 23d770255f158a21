import type { Envelope } from "../../plugin/index.ts";
import type { Bus } from "../bus.ts";
import type { BatchSource } from "../delivery/source.ts";
import type { Journal } from "../journal/port.ts";
import type { Recent } from "../recent.ts";

/** Where delivery reads: the shared ring while a position lies in it, else the journal. Everything waits on one subscription to the bus. */
export class PublishedEvents implements BatchSource {
  readonly #journal: Journal;
  readonly #recent: Recent;
  #waiting = new Set<() => void>();

  constructor(journal: Journal, recent: Recent, bus: Bus) {
    this.#journal = journal;
    this.#recent = recent;
    bus.subscribeGroups("delivery", () => {
      const woken = this.#waiting;
      this.#waiting = new Set();
      for (const wake of woken) wake();
    });
  }

  get head(): number {
    return this.#recent.head;
  }

  get oldest(): number {
    return this.#journal.oldest;
  }

  read(after: number, limit: number, maxBytes: number): readonly Envelope[] {
    return this.#recent.read(after, limit) ?? this.#journal.read(after, limit, maxBytes);
  }

  wait(after: number, signal: AbortSignal): Promise<void> {
    if (this.head > after || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        signal.removeEventListener("abort", wake);
        this.#waiting.delete(wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener("abort", wake, { once: true });
    });
  }
}
