import { randomBytes } from "node:crypto";

const DIGITS = Buffer.from("0123456789abcdef", "latin1");
/** Random digits of one id, and for how many ids they are fetched at a time. */
const RANDOM_DIGITS = 16;
const POOL_IDS = 256;
const COUNTERS = 0x1000;

/**
 * Makes ids of UUID version 7 (RFC 9562): the time in milliseconds, a counter within each of them, and 62 random bits. So the ids of one
 * process sort as they were made. `crypto.randomUUIDv7` puts a text together from twenty pieces, and stringifying an event
 * that holds such a text takes twice the time; here one buffer is written over, and read as one piece.
 */
export class EventIds {
  readonly #text = Buffer.from("00000000-0000-7000-8000-000000000000", "latin1");
  readonly #pool = Buffer.alloc(POOL_IDS * RANDOM_DIGITS);
  #used = this.#pool.length;
  #millisecond = 0;
  #counter = 0;

  /** @param now milliseconds since the epoch; where it goes back, or stands still for thousands of ids, the ids go on from the last */
  next(now: number): string {
    const text = this.#text;
    const pool = this.#pool;
    if (this.#used === pool.length) this.#refill();
    let from = this.#used;
    this.#used += RANDOM_DIGITS;
    if (now > this.#millisecond) this.#begin(now);
    else if (this.#counter === COUNTERS) this.#begin(this.#millisecond + 1);
    const counter = this.#counter++;
    text[15] = DIGITS[counter >> 8] as number;
    text[16] = DIGITS[(counter >> 4) & 15] as number;
    text[17] = DIGITS[counter & 15] as number;
    // The variant: 8, 9, a or b.
    text[19] = DIGITS[8 | ((pool[from++] as number) & 3)] as number;
    for (let to = 20; to < 23; to++) text[to] = pool[from++] as number;
    for (let to = 24; to < 36; to++) text[to] = pool[from++] as number;
    return text.toString("latin1");
  }

  #begin(millisecond: number): void {
    this.#millisecond = millisecond;
    this.#counter = 0;
    const hex = millisecond.toString(16).padStart(12, "0");
    this.#text.write(`${hex.slice(0, 8)}-${hex.slice(8)}`, "latin1");
  }

  #refill(): void {
    this.#pool.write(randomBytes(this.#pool.length / 2).toString("hex"), "latin1");
    this.#used = 0;
  }
}
