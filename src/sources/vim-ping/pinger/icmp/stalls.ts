/** Shortest hold-up that is noticed, in milliseconds. */
const SHORTEST = 40;
/** A hold-up of so many is one for whatever time-out. */
const LONGEST = 100;
/** As many as are remembered. */
const MEMORY = 64;

/**
 * When the pinger itself was held up: machine asleep, processor busy. Silence in such a time says nothing. Times are monotonic milliseconds.
 */
export class Stalls {
  readonly #ends = new Float64Array(MEMORY).fill(Number.NEGATIVE_INFINITY);
  readonly #lengths = new Float64Array(MEMORY);
  #count = 0;
  #lossAt = Number.NEGATIVE_INFINITY;

  /** Notes that something planned for a time happened only now. */
  note(planned: number, now: number): void {
    if (now - planned < SHORTEST) return;
    const at = this.#count++ % MEMORY;
    this.#ends[at] = now;
    this.#lengths[at] = now - planned;
  }

  /** Notes that up to now something may have arrived that was never read. */
  noteLoss(now: number): void {
    this.#lossAt = now;
  }

  /** Whether a request that should have gone out at `due`, went out at `sentAt` and had `timeout` was waited for in vain because of us. */
  spoiled(due: number, sentAt: number, timeout: number): boolean {
    const least = Math.min(LONGEST, Math.max(SHORTEST, timeout / 4));
    if (sentAt - due >= least || this.#lossAt >= sentAt) return true;
    for (let back = 1; back <= Math.min(MEMORY, this.#count); back++) {
      const at = (this.#count - back) % MEMORY;
      if ((this.#ends[at] as number) < due) return false;
      if ((this.#lengths[at] as number) >= least) return true;
    }
    return false;
  }
}
