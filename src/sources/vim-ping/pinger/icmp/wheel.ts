/** Milliseconds of one slot: how late a timer may be by design. */
export const SLOT = 5;

/** Slots of a turn. A timer beyond it stays where it is until its turn comes. */
const SLOTS = 4096;
const MASK = SLOTS - 1;
const NONE = -1;

/**
 * One timer for each row of a table, in a wheel of lists through typed arrays: setting and clearing one costs the same whether there are ten
 * or a hundred thousand. Times are monotonic milliseconds.
 */
export class Wheel {
  readonly #heads = new Int32Array(SLOTS).fill(NONE);
  #next = new Int32Array(0);
  #previous = new Int32Array(0);
  /** The slot that a row's timer is in; NONE when it has none. */
  #slot = new Int32Array(0);
  #at = new Float64Array(0);
  /** The last slot that was looked at, counted since time 0. */
  #cursor: number;
  #size = 0;

  constructor(now: number) {
    this.#cursor = Math.floor(now / SLOT);
  }

  /** How many timers are set. */
  get size(): number {
    return this.#size;
  }

  /** Makes room for so many rows. */
  reserve(capacity: number): void {
    const had = this.#next.length;
    if (capacity <= had) return;
    this.#next = widened(this.#next, capacity);
    this.#previous = widened(this.#previous, capacity);
    this.#slot = widened(this.#slot, capacity);
    const at = new Float64Array(capacity);
    at.set(this.#at);
    this.#at = at;
  }

  /** Sets a row's timer, in place of the one that it had. One in the past goes off in the next slot. */
  set(index: number, at: number): void {
    this.clear(index);
    const slot = Math.max(this.#cursor + 1, Math.ceil(at / SLOT)) & MASK;
    const head = this.#heads[slot] as number;
    this.#next[index] = head;
    this.#previous[index] = NONE;
    if (head !== NONE) this.#previous[head] = index;
    this.#heads[slot] = index;
    this.#slot[index] = slot;
    this.#at[index] = at;
    this.#size++;
  }

  /** Forgets a row's timer, if it has one. */
  clear(index: number): void {
    const slot = this.#slot[index] as number;
    if (slot === NONE) return;
    const next = this.#next[index] as number;
    const previous = this.#previous[index] as number;
    if (previous === NONE) this.#heads[slot] = next;
    else this.#next[previous] = next;
    if (next !== NONE) this.#previous[next] = previous;
    this.#slot[index] = NONE;
    this.#size--;
  }

  /** Collects the rows whose timers went off up to now, and forgets those timers. */
  expire(now: number, due: number[]): void {
    const last = Math.floor(now / SLOT);
    // After a long stall one turn sees everything.
    const first = Math.max(this.#cursor + 1, last - MASK);
    for (let slot = first; slot <= last; slot++) {
      let index = this.#heads[slot & MASK] as number;
      while (index !== NONE) {
        const next = this.#next[index] as number;
        if ((this.#at[index] as number) <= now) {
          this.clear(index);
          due.push(index);
        }
        index = next;
      }
    }
    this.#cursor = Math.max(this.#cursor, last);
  }

  /**
   * When to look next: at the first slot with a timer in it, at most `most` milliseconds after the slot that was looked at last, and
   * `least` slots after it at least.
   */
  next(most: number, least = 1): number {
    const slots = Math.ceil(most / SLOT);
    let ahead = this.#size === 0 ? slots : 1;
    while (ahead < slots && this.#heads[(this.#cursor + ahead) & MASK] === NONE) ahead++;
    return (this.#cursor + Math.max(ahead, Math.min(least, slots))) * SLOT;
  }
}

function widened(column: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(length).fill(NONE);
  larger.set(column);
  return larger;
}
