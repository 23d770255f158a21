import type { Board, Clock, ResumeToken } from "../../plugin/index.ts";
import type { Book } from "./book.ts";

/** How often the book is compared with the board, milliseconds. */
const EVERY_MS = 5000;
/** Without an event for so long, milliseconds, the sink has none to come. */
const QUIET_MS = 10_000;

interface Suspicion {
  readonly episode: string;
  /** Seq of the newest event when it began. */
  readonly head: number;
  /** On the monotonic clock. */
  readonly at: number;
}

/** What a reconciler is made from. */
export interface ReconcilerParts {
  readonly book: Book;
  readonly board: Pick<Board, "find">;
  readonly position: () => ResumeToken;
  readonly clock: Clock;
}

/**
 * Ends episodes whose end never reaches the sink: its `from` leaves recoveries out (`status: [critical]`), the journal lost them, or the
 * subject was retired, of which sinks hear only where they ask for it. The board knows, but it may be ahead of the sink: an episode is ended
 * only when the sink has passed the point where the board had no such episode, or has had nothing to do for a while.
 */
export class Reconciler {
  readonly #parts: ReconcilerParts;
  readonly #suspicions = new Map<string, Suspicion>();
  #looked: number;
  #wrote: number;

  constructor(parts: ReconcilerParts) {
    this.#parts = parts;
    this.#looked = this.#wrote = parts.clock.monotonic();
  }

  /** To be called at every write. */
  wrote(): void {
    this.#wrote = this.#parts.clock.monotonic();
  }

  /**
   * Compares, where it is time.
   * @returns milliseconds until the next time; infinity when nothing stands
   */
  look(now: number): number {
    const { book, clock } = this.#parts;
    if (book.open.size === 0) {
      this.#suspicions.clear();
      return Number.POSITIVE_INFINITY;
    }
    const left = this.#looked + EVERY_MS - clock.monotonic();
    if (left > 0) return left;
    this.#looked = clock.monotonic();
    for (const [key, { episode }] of this.#suspicions)
      if (book.open.get(key)?.episode !== episode) this.#suspicions.delete(key);
    for (const key of [...book.open.keys()]) this.#compare(key, now);
    return EVERY_MS;
  }

  #compare(key: string, now: number): void {
    const { book, board, clock } = this.#parts;
    const entry = book.open.get(key);
    if (!entry) return;
    const row = board
      .find(entry.subject)
      .find(({ origin, source }) => origin === entry.origin && source === entry.source);
    if (row?.episode === entry.episode) {
      this.#suspicions.delete(key);
      return;
    }
    const suspicion = this.#suspicions.get(key);
    if (!suspicion) {
      this.#suspicions.set(key, { episode: entry.episode, head: this.#head(), at: clock.monotonic() });
      return;
    }
    const quietSince = Math.max(this.#wrote, suspicion.at);
    if (book.seq < suspicion.head && clock.monotonic() - quietSince < QUIET_MS) return;
    this.#suspicions.delete(key);
    if (!row) {
      book.retire(key, now);
      return;
    }
    const over = row.event?.status === "ok";
    book.end(
      key,
      {
        time: over ? row.since : (row.event?.time ?? row.since),
        received: Date.parse(row.since),
        state: over ? row.state : "OK",
        message: over ? row.message : `it recovered, and is not ok again: ${row.message}`,
      },
      now,
    );
  }

  /** Resume tokens are `<journal epoch>-<seq>`. */
  #head(): number {
    const token = this.#parts.position();
    return Number(token.slice(token.lastIndexOf("-") + 1));
  }
}
