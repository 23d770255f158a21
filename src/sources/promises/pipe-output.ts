import type { Libc } from "./libc.ts";
import { type Captured, TailBuffer } from "./tail-buffer.ts";

const POLLIN = 1;

/** Error, hang-up or a bad descriptor: with nothing left to read, that is the end of an output. */
const POLL_OVER = 0x08 | 0x10 | 0x20;

/** Bytes read from one output before others have their turn. */
const READ_TURN = 256 * 1024;

// One call at a time uses them: nothing here waits.
const pollfd = Buffer.alloc(8);
const chunk = Buffer.allocUnsafe(64 * 1024);

/** The read end of a pipe that a promise writes to. */
export class PipeOutput {
  readonly #libc: Libc;
  readonly #tail: TailBuffer;
  /** −1 once closed. */
  #fd: number;

  /**
   * @param fd the pipe's read end, which is this object's from now on
   * @param limit bytes kept
   */
  constructor(libc: Libc, fd: number, limit: number) {
    this.#libc = libc;
    this.#fd = fd;
    this.#tail = new TailBuffer(limit);
  }

  /** Whether somebody may still write to it. */
  get open(): boolean {
    return this.#fd >= 0;
  }

  /** What was read so far. */
  captured(): Captured {
    return this.#tail.captured();
  }

  /** Reads what there is, without waiting. Returns whether there was anything. */
  read(): boolean {
    let taken = 0;
    while (this.#fd >= 0 && taken < READ_TURN) {
      pollfd.writeInt32LE(this.#fd, 0);
      pollfd.writeInt32LE(POLLIN, 4);
      if (this.#libc.poll(pollfd, 1n, 0) <= 0) break;
      const events = pollfd.readInt16LE(6);
      const length = events & POLLIN ? Number(this.#libc.read(this.#fd, chunk, BigInt(chunk.length))) : 0;
      if (length > 0) {
        this.#tail.push(chunk.subarray(0, length));
        taken += length;
      } else if (length === 0 || events & POLL_OVER) this.close();
      else break;
    }
    return taken > 0;
  }

  /** Closes it, whoever still writes. Idempotent. */
  close(): void {
    if (this.#fd >= 0) this.#libc.close(this.#fd);
    this.#fd = -1;
  }
}
