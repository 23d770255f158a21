import type { Libc } from "./libc.ts";

/** Words of one `struct mmsghdr` on a 64-bit machine, and where its fields are. */
const HEADER_WORDS = 16;
const NAME = 0;
const NAME_LENGTH = 2;
const IOV = 4;
const IOV_COUNT = 6;
const CONTROL = 8;
const CONTROL_LENGTH = 10;
const FLAGS = 12;
const LENGTH = 14;

/** Room for one socket address, `sockaddr_in` or `sockaddr_in6`, in words. */
export const NAME_WORDS = 8;

/** What the messages of a batch have room for, in bytes. */
export interface BatchShape {
  readonly count: number;
  readonly name: number;
  readonly data: number;
  readonly control: number;
}

/**
 * Memory for `sendmmsg` and `recvmmsg`: headers, addresses, contents and control messages of several packets, laid out once. Only words
 * change afterwards.
 */
export class MessageBatch {
  /** Where each header is, for calls that begin at it. */
  readonly addresses: readonly bigint[];
  readonly headers: Uint32Array;
  readonly names: Uint32Array;
  readonly data: Uint32Array;
  readonly control: Uint32Array;
  /** Address and length of each message's contents: kept, since the headers hold where it is only. */
  readonly pieces: BigUint64Array;
  readonly dataWords: number;
  readonly controlWords: number;
  readonly #shape: BatchShape;

  constructor(libc: Pick<Libc, "address">, shape: BatchShape) {
    this.#shape = shape;
    this.dataWords = shape.data / 4;
    this.controlWords = shape.control / 4;
    this.headers = new Uint32Array(shape.count * HEADER_WORDS);
    this.names = new Uint32Array(shape.count * NAME_WORDS);
    this.data = new Uint32Array(shape.count * this.dataWords);
    // One word at least: memory of no size has no address.
    this.control = new Uint32Array(shape.count * this.controlWords + 1);
    const pieces = new BigUint64Array(2 * shape.count);
    this.pieces = pieces;
    const at = (column: ArrayBufferView) => libc.address(column.buffer as ArrayBuffer);
    const [headers, names, data, control, iov] = [
      at(this.headers),
      at(this.names),
      at(this.data),
      at(this.control),
      at(pieces),
    ] as [bigint, bigint, bigint, bigint, bigint];
    const pointers = new BigUint64Array(this.headers.buffer);
    const addresses: bigint[] = [];
    for (let index = 0; index < shape.count; index++) {
      const header = index * HEADER_WORDS;
      addresses.push(headers + BigInt(4 * header));
      pieces[2 * index] = data + BigInt(index * shape.data);
      pieces[2 * index + 1] = BigInt(shape.data);
      pointers[(header + NAME) / 2] = names + BigInt(4 * NAME_WORDS * index);
      pointers[(header + IOV) / 2] = iov + BigInt(16 * index);
      pointers[(header + IOV_COUNT) / 2] = 1n;
      pointers[(header + CONTROL) / 2] = shape.control === 0 ? 0n : control + BigInt(index * shape.control);
    }
    this.addresses = addresses;
    this.reset(shape.count);
  }

  /** Gives the first so many messages their full room again, after a call has told there what it used. */
  reset(count: number): void {
    for (let header = 0; header < count * HEADER_WORDS; header += HEADER_WORDS) {
      this.headers[header + NAME_LENGTH] = this.#shape.name;
      this.headers[header + CONTROL_LENGTH] = this.#shape.control;
      this.headers[header + FLAGS] = 0;
    }
  }

  /** Bytes of a received message that are in memory. */
  length(index: number): number {
    return Math.min(this.headers[index * HEADER_WORDS + LENGTH] as number, this.#shape.data);
  }

  /** Bytes of its control messages. */
  controlLength(index: number): number {
    return Math.min(this.headers[index * HEADER_WORDS + CONTROL_LENGTH] as number, this.#shape.control);
  }
}
