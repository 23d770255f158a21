/** Rows waiting for their turn to send, first in, first out, each at most once. */
export class SendQueue {
  #rows = new Int32Array(1024);
  #waiting = new Uint8Array(0);
  #head = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Makes room for so many rows. */
  reserve(capacity: number): void {
    if (capacity <= this.#waiting.length) return;
    const waiting = new Uint8Array(capacity);
    waiting.set(this.#waiting);
    this.#waiting = waiting;
    const rows = new Int32Array(Math.max(1024, 2 ** Math.ceil(Math.log2(capacity))));
    for (let at = 0; at < this.#size; at++) rows[at] = this.#at(at);
    this.#rows = rows;
    this.#head = 0;
  }

  push(row: number): void {
    if (this.#waiting[row] === 1) return;
    this.#waiting[row] = 1;
    this.#rows[(this.#head + this.#size++) & (this.#rows.length - 1)] = row;
  }

  /** Takes the first one. Only when `size` is not 0. */
  shift(): number {
    const row = this.#at(0);
    this.#waiting[row] = 0;
    this.#head = (this.#head + 1) & (this.#rows.length - 1);
    this.#size--;
    return row;
  }

  #at(position: number): number {
    return this.#rows[(this.#head + position) & (this.#rows.length - 1)] as number;
  }
}
