import type { Envelope } from "../../plugin/index.ts";
import type { BatchSource } from "./source.ts";

/** How much is read at a time. It bounds what a sink holds in memory beside its batch. */
const READ_EVENTS = 512;
const READ_BYTES = 2 ** 20;

/** One sink's position in the source: hands out envelopes one by one, reads ahead in chunks, and notices what was pruned unread. */
export class Feed {
  readonly #source: BatchSource;
  #chunk: readonly Envelope[] = [];
  #next = 0;
  #position: number;
  #lost = 0;

  /** @param position everything up to and including this seq was taken */
  constructor(source: BatchSource, position: number) {
    this.#source = source;
    this.#position = position;
  }

  /** Everything up to and including this seq was taken or is lost. */
  get position(): number {
    return this.#position;
  }

  /** Seq of the last envelope held in memory: what comes after it can still be pruned. */
  get ahead(): number {
    return this.#chunk.at(-1)?.seq ?? this.#position;
  }

  /** The next envelope, without taking it; undefined when there is none yet. */
  peek(): Envelope | undefined {
    if (this.#next >= this.#chunk.length) {
      this.#chunk = this.#source.read(this.#position, READ_EVENTS, READ_BYTES);
      this.#next = 0;
      // What is committed but not published yet is not lost, even where retention is that quick.
      if (this.#chunk.length === 0) this.#skipTo(Math.min(this.#source.oldest, this.#source.head + 1));
    }
    const envelope = this.#chunk[this.#next];
    if (envelope) this.#skipTo(envelope.seq);
    return envelope;
  }

  /** Takes what `peek` gave. */
  take(): void {
    this.#position++;
    this.#next++;
  }

  /** How many were pruned before they were read, since the last call. They come before the envelope that `peek` gives now. */
  takeLost(): number {
    const lost = this.#lost;
    this.#lost = 0;
    return lost;
  }

  /** How many beyond those in memory are pruned already: what a sink that cannot write will find lost. */
  prunedAhead(): number {
    return Math.max(0, this.#source.oldest - this.ahead - 1);
  }

  #skipTo(seq: number): void {
    if (seq <= this.#position + 1) return;
    this.#lost += seq - this.#position - 1;
    this.#position = seq - 1;
  }
}
