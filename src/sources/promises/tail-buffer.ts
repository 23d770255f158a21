/** What a promise wrote to one of its outputs. */
export interface Captured {
  /** Decoded; bytes that are no UTF-8 became U+FFFD. */
  readonly text: string;
  /** Bytes written in all. */
  readonly total: number;
  /** Bytes kept: the last ones. Less than `total` when the beginning was dropped. */
  readonly kept: number;
  /** The first character written that is no blank, also where it was dropped; empty for none. */
  readonly opens: string;
}

/** Nothing written. */
export const NOTHING: Captured = { text: "", total: 0, kept: 0, opens: "" };

const decoder = new TextDecoder("utf-8", { ignoreBOM: false });

/** Keeps the last bytes of an output of any length, in bounded memory however small its pieces are. */
export class TailBuffer {
  readonly #limit: number;
  #bytes: Buffer = Buffer.allocUnsafe(0);
  #used = 0;
  #total = 0;
  #opens = "";

  /** @param limit bytes kept */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Takes a piece; its bytes are copied. */
  push(piece: Uint8Array): void {
    this.#total += piece.length;
    if (this.#opens === "") this.#opens = firstMark(piece);
    const tail = piece.length > this.#limit ? piece.subarray(piece.length - this.#limit) : piece;
    this.#makeRoom(tail.length);
    this.#bytes.set(tail, this.#used);
    this.#used += tail.length;
  }

  /** What was written so far. */
  captured(): Captured {
    if (this.#total === 0) return NOTHING;
    let start = Math.max(0, this.#used - this.#limit);
    const cut = this.#total > this.#used - start;
    // A cut may have gone through a character: its other bytes say nothing.
    for (let skipped = 0; cut && skipped < 3 && ((this.#bytes[start] ?? 0) & 0xc0) === 0x80; skipped++)
      start += 1;
    return {
      text: decoder.decode(this.#bytes.subarray(start, this.#used)),
      total: this.#total,
      kept: this.#used - start,
      opens: this.#opens,
    };
  }

  /** Grows to twice the limit, so that old bytes are moved out once for many pieces. */
  #makeRoom(length: number): void {
    if (this.#used + length <= this.#bytes.length) return;
    const keep = Math.min(this.#used, this.#limit);
    const capacity = Math.min(2 * this.#limit, Math.max(1024, 2 * (keep + length)));
    const from = this.#bytes.subarray(this.#used - keep, this.#used);
    if (capacity <= this.#bytes.length) this.#bytes.copyWithin(0, this.#used - keep, this.#used);
    else {
      const larger = Buffer.allocUnsafe(capacity);
      larger.set(from);
      this.#bytes = larger;
    }
    this.#used = keep;
  }
}

/** The first byte that is no blank, as a character; a byte order mark counts as one. */
function firstMark(bytes: Uint8Array): string {
  for (const byte of bytes) {
    const blank =
      byte === 0x20 || (byte >= 0x09 && byte <= 0x0d) || byte === 0xef || byte === 0xbb || byte === 0xbf;
    if (!blank) return String.fromCharCode(byte);
  }
  return "";
}
