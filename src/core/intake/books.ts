import type { Metrics } from "../../plugin/index.ts";

/** Why a draft did not become an event. */
export type DropReason = "invalid" | "overflow" | "subjects" | "closed";

/** What intake did with the drafts of one source since the start: received = accepted + duplicates + dropped + still under way. */
export interface SourceBooks {
  received: number;
  /** Committed. */
  accepted: number;
  /** Came with an id that was there already. */
  duplicates: number;
  readonly dropped: Record<DropReason, number>;
}

const nothing = (): SourceBooks => ({
  received: 0,
  accepted: 0,
  duplicates: 0,
  dropped: { invalid: 0, overflow: 0, subjects: 0, closed: 0 },
});

/** The books of every source, by its name, so that they go on over its restarts. Counting is cheap; the metrics follow. */
export class Books {
  readonly #sources = new Map<string, { readonly books: SourceBooks; readonly reported: SourceBooks }>();
  readonly #received: ReturnType<Metrics["counter"]>;
  readonly #accepted: ReturnType<Metrics["counter"]>;
  readonly #duplicates: ReturnType<Metrics["counter"]>;
  readonly #dropped: ReturnType<Metrics["counter"]>;
  #scheduled = false;

  constructor(metrics: Metrics) {
    const labels = ["source"];
    this.#received = metrics.counter({
      name: "intake_received_total",
      help: "Drafts that sources emitted",
      labels,
    });
    this.#accepted = metrics.counter({
      name: "intake_accepted_total",
      help: "Events that the journal holds",
      labels,
    });
    this.#duplicates = metrics.counter({
      name: "intake_duplicates_total",
      help: "Events that were there already, by their ids",
      labels,
    });
    this.#dropped = metrics.counter({
      name: "intake_dropped_total",
      help: "Drafts that did not become events, by reason",
      labels: ["source", "reason"],
    });
  }

  /** The books to count in. */
  of(source: string): SourceBooks {
    const known = this.#sources.get(source);
    if (known) return known.books;
    const books = nothing();
    this.#sources.set(source, { books, reported: nothing() });
    return books;
  }

  /** Something was counted: the metrics follow, once in a turn of the event loop. */
  changed(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#report();
    });
  }

  #report(): void {
    for (const [source, { books, reported }] of this.#sources) {
      const counters = [
        ["received", this.#received],
        ["accepted", this.#accepted],
        ["duplicates", this.#duplicates],
      ] as const;
      for (const [key, counter] of counters) {
        if (books[key] > reported[key]) counter.add(books[key] - reported[key], { source });
        reported[key] = books[key];
      }
      for (const reason of Object.keys(books.dropped) as DropReason[]) {
        const fresh = books.dropped[reason] - reported.dropped[reason];
        if (fresh > 0) this.#dropped.add(fresh, { source, reason });
        reported.dropped[reason] = books.dropped[reason];
      }
    }
  }
}
