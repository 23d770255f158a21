/** How much is under way between intake and the journal, and whether more fits. */
export class Room {
  readonly #maxEvents: number;
  readonly #maxBytes: number;
  #events = 0;
  #bytes = 0;

  constructor(maxEvents: number, maxBytes: number) {
    this.#maxEvents = maxEvents;
    this.#maxBytes = maxBytes;
  }

  get events(): number {
    return this.#events;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Whether at most half of it is taken. */
  get ample(): boolean {
    return this.#events <= this.#maxEvents / 2 && this.#bytes <= this.#maxBytes / 2;
  }

  /** Whether so much fits. What is larger than all of it fits when nothing else is there: it would wait for ever. */
  fits(events: number, bytes: number): boolean {
    if (this.#events === 0) return true;
    return this.#events + events <= this.#maxEvents && this.#bytes + bytes <= this.#maxBytes;
  }

  take(events: number, bytes: number): void {
    this.#events += events;
    this.#bytes += bytes;
  }

  give(events: number, bytes: number): void {
    this.#events -= events;
    this.#bytes -= bytes;
  }
}
