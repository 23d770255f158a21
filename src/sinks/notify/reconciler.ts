import {
  type Board,
  type Clock,
  type Event,
  isBad,
  type ResumeToken,
  type SubjectState,
} from "../../plugin/index.ts";
import type { Book } from "./book.ts";
import { subjectKey } from "./change.ts";

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
  readonly board: Pick<Board, "find" | "subjects">;
  /** Whether the sink's subscription lets an event through, if it were a change. */
  readonly wants: (event: Event) => boolean;
  readonly position: () => ResumeToken;
  readonly clock: Clock;
}

/**
 * Keeps the book as the board is. It ends episodes whose end never reaches the sink: its `from` leaves recoveries out (`status:
 * [critical]`), the journal lost them, or the subject was retired, of which sinks hear only where they ask for it. And it takes over episodes
 * that never reached the sink: it is new, or its `from` is wider than before. The board knows, but it may be ahead of the sink: the book
 * changes only when the sink has passed the point where the two did not agree, or has had nothing to do for a while.
 */
export class Reconciler {
  readonly #parts: ReconcilerParts;
  /** By subject: where book and board do not agree. */
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
   * @returns milliseconds until the next time
   */
  look(now: number): number {
    const { book, clock } = this.#parts;
    const left = this.#looked + EVERY_MS - clock.monotonic();
    if (left > 0) return left;
    this.#looked = clock.monotonic();
    const differing = new Set<string>();
    for (const [key, entry] of [...book.open]) {
      const row = this.#row(entry);
      if (row?.episode === entry.episode) continue;
      differing.add(key);
      if (this.#isSure(key, entry.episode)) this.#close(key, row, now);
    }
    for (const row of this.#standing()) {
      const key = subjectKey(row);
      if (book.open.has(key)) continue;
      differing.add(key);
      if (this.#isSure(key, row.episode)) book.adopt(row, row.event);
    }
    for (const key of this.#suspicions.keys()) if (!differing.has(key)) this.#suspicions.delete(key);
    return EVERY_MS;
  }

  /** What stands and would reach the sink if it changed now. */
  *#standing(): Iterable<SubjectState & { readonly event: Event; readonly episode: string }> {
    const { board, wants } = this.#parts;
    for (const row of board.subjects()) {
      const { event, episode, stale } = row;
      if (event && episode !== null && stale === null && isBad(event.status) && wants(event))
        yield { ...row, event, episode };
    }
  }

  /** Whether book and board have not agreed about an episode for long enough: then the sink has no event to come that would explain it. */
  #isSure(key: string, episode: string): boolean {
    const { book, clock } = this.#parts;
    const suspicion = this.#suspicions.get(key);
    if (suspicion?.episode !== episode) {
      this.#suspicions.set(key, { episode, head: this.#head(), at: clock.monotonic() });
      return false;
    }
    const quietSince = Math.max(this.#wrote, suspicion.at);
    if (book.seq < suspicion.head && clock.monotonic() - quietSince < QUIET_MS) return false;
    this.#suspicions.delete(key);
    return true;
  }

  #close(key: string, row: SubjectState | undefined, now: number): void {
    const { book } = this.#parts;
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

  #row({ origin, source, subject }: Pick<SubjectState, "origin" | "source" | "subject">) {
    return this.#parts.board.find(subject).find((row) => row.origin === origin && row.source === source);
  }

  /** Resume tokens are `<journal epoch>-<seq>`. */
  #head(): number {
    const token = this.#parts.position();
    return Number(token.slice(token.lastIndexOf("-") + 1));
  }
}
