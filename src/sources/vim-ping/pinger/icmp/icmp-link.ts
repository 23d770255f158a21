import { constants } from "node:os";
import type { EchoLink } from "./echo-link.ts";
import { ErrorReader } from "./error-reader.ts";
import type { LinkOptions } from "./link-options.ts";
import { ReplyReader } from "./reply-reader.ts";
import { RequestBatch } from "./request-batch.ts";

/** Calls after which reading stops even though more is there: somebody floods us. */
const MOST_CALLS = 256;
const MOST_RETRIES = 8;

const MSG_DONTWAIT = 0x40;
const SOL_SOCKET = 1;
const SO_MEMINFO = 55;
/** Where `SO_MEMINFO` tells how many packets a socket had no room for. */
const DROPS = 8;

const { EAGAIN, EINTR } = constants.errno;

/** One ICMP socket: requests go out and replies come in by batches. */
export class IcmpLink implements EchoLink {
  errno = 0;
  sentAt = 0;
  readonly #options: LinkOptions;
  readonly #requests: RequestBatch;
  readonly #replies: ReplyReader;
  readonly #errors: ErrorReader;
  readonly #memory = new Uint32Array(16);
  readonly #memoryLength = new Uint32Array(1);
  readonly #memoryAddress: bigint;
  readonly #memoryLengthAddress: bigint;
  #drops = 0;

  constructor(options: LinkOptions) {
    this.#options = options;
    const { libc, fd } = options;
    this.#requests = new RequestBatch(options);
    this.#replies = new ReplyReader(options);
    this.#errors = new ErrorReader(options);
    this.#memoryAddress = libc.address(this.#memory.buffer);
    this.#memoryLengthAddress = libc.address(this.#memoryLength.buffer);
    // The first call of each kind takes a thousand times as long as any later one: let it not be one that is timed.
    libc.sendmmsg(fd, this.#requests.address, 0, MSG_DONTWAIT);
    this.receive();
  }

  send(targets: Int32Array, count: number): number {
    this.#requests.stage(targets, count);
    const { libc, fd, now } = this.#options;
    for (let retries = 0; ; ) {
      this.sentAt = now();
      const sent = libc.sendmmsg(fd, this.#requests.address, count, MSG_DONTWAIT);
      if (sent >= 0) return sent;
      this.errno = libc.errno();
      if (this.errno === EINTR) continue;
      if (this.errno === EAGAIN) return 0;
      // The socket also reports here, once, what happened to an earlier request to somebody else. Only what stays is about this one.
      if (this.#errors.read(this.#requests.id) === 0 && retries > 0) return 0;
      if (retries++ === MOST_RETRIES) {
        this.errno = EAGAIN;
        return 0;
      }
    }
  }

  receive(): boolean {
    this.#replies.setClock();
    let heard = false;
    let drained = false;
    for (let call = 0; call < MOST_CALLS && !drained; call++) {
      const count = this.#replies.read();
      if (count > 0) heard = true;
      else if (count === 0) drained = true;
      else this.#errors.read(this.#requests.id);
    }
    this.#errors.read(this.#requests.id);
    return drained && (!heard || !this.#dropped());
  }

  /** Whether the system threw packets away since the last call, for want of room. */
  #dropped(): boolean {
    const { libc, fd } = this.#options;
    this.#memoryLength[0] = 4 * this.#memory.length;
    const result = libc.getsockopt(
      fd,
      SOL_SOCKET,
      SO_MEMINFO,
      this.#memoryAddress,
      this.#memoryLengthAddress,
    );
    if (result !== 0) return false;
    const drops = this.#memory[DROPS] as number;
    const dropped = drops !== this.#drops;
    this.#drops = drops;
    return dropped;
  }

  close(): void {
    this.#options.libc.close(this.#options.fd);
  }
}
