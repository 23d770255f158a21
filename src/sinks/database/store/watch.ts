import type { ResumeToken } from "../../../plugin/index.ts";
import type { WatcherTable } from "./tables.ts";
import type { Stretch } from "./time-split.ts";

/** Shorter stretches without a lifeguard are not worth a note. */
const SHORTEST_GAP_MS = 1000;

/** Who writes. */
export interface WriterIdentity {
  /** The lifeguard whose journal the batches come from. */
  readonly origin: string;
  /** When its process started, whole milliseconds since the epoch. It names the process, and is a time only as far as its clock was right. */
  readonly started: number;
  /** The newest event of the journal when the sink started: what comes after it is of this process. */
  readonly position: ResumeToken;
}

/** Knows up to when, and up to which event of its journal, this lifeguard has written what it saw. */
export class Watch {
  readonly #identity: WriterIdentity;
  readonly #journal: string;
  readonly #head: number;
  #row: WatcherTable | null = null;

  constructor(identity: WriterIdentity) {
    const { position } = identity;
    const dash = position.lastIndexOf("-");
    this.#identity = identity;
    this.#journal = position.slice(0, dash);
    this.#head = Number(position.slice(dash + 1));
  }

  /** What the database is to know; null while nothing was ever written. */
  get row(): Readonly<WatcherTable> | null {
    return this.#row;
  }

  /** Whether an event of this process was written. */
  get begun(): boolean {
    return this.#row?.started === this.#identity.started;
  }

  /** Goes on from what the database knows. */
  restore(row: WatcherTable | null): void {
    this.#row = row;
  }

  /** Whether an event was written before, if it did not have to be refused: batches come in the order of the journal. */
  hasWritten(seq: number): boolean {
    return seq <= this.#written;
  }

  /**
   * Takes note of an event that is being written.
   * @returns the stretch before this process, in which no lifeguard ran, where it is the first event that this process received
   */
  receive(seq: number, received: number): Stretch | null {
    const row = this.#row;
    const { origin, started } = this.#identity;
    // A dead letter comes long after its time.
    if (row && this.hasWritten(seq)) return null;
    // As nearly always.
    if (row && row.started === started && row.journal === this.#journal) {
      row.watched = received;
      row.seq = seq;
      return null;
    }
    const own = seq > this.#head || received >= started || row?.started === started;
    this.#row = {
      origin,
      watched: received,
      journal: this.#journal,
      seq,
      started: own ? started : (row?.started ?? null),
    };
    return row && own && row.started !== started ? this.#before(row.watched, received) : null;
  }

  /** Takes note that everything received until `now` has been written. While the first event of this process is missing, it cannot be said. */
  note(now: number): boolean {
    const row = this.#row;
    if (row?.started !== this.#identity.started) return false;
    this.#row = { ...row, watched: now };
    return true;
  }

  get #written(): number {
    return (this.#row?.journal === this.#journal ? this.#row.seq : null) ?? Number.NEGATIVE_INFINITY;
  }

  /** Where the clock was behind when the process started, its first event tells the time. */
  #before(watched: number, received: number): Stretch | null {
    const { started } = this.#identity;
    const ended = started > watched ? Math.min(started, received) : received;
    return ended - watched >= SHORTEST_GAP_MS ? { began: watched, ended } : null;
  }
}
