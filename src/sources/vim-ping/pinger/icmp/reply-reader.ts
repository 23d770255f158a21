import { constants } from "node:os";
import { CONTROL_HEADER_WORDS, findControl } from "./control-message.ts";
import { ECHO_REPLY, ECHO_REPLY_V6, findEcho, NOT_OURS } from "./echo-packet.ts";
import type { LinkOptions } from "./link-options.ts";
import { MessageBatch, NAME_WORDS } from "./message-batch.ts";

const RECEIVE_BATCH = 64;

const MSG_DONTWAIT = 0x40;
const CLOCK_REALTIME = 0;
const SOL_SOCKET = 1;
const SCM_TIMESTAMPNS = 35;

const { EAGAIN } = constants.errno;

/** Reads echo replies, many at a time, and tells the listener of each with the time at which the system received it. */
export class ReplyReader {
  readonly #options: LinkOptions;
  readonly #messages: MessageBatch;
  readonly #type: number;
  readonly #withHeader: boolean;
  readonly #time = new Uint32Array(4);
  readonly #timeAddress: bigint;
  readonly #source = new Uint32Array(5);
  /** What to take from the wall clock to get monotonic time. */
  #offset = 0;

  constructor(options: LinkOptions) {
    this.#options = options;
    const { libc, family, kind } = options;
    this.#type = family === 4 ? ECHO_REPLY : ECHO_REPLY_V6;
    this.#withHeader = family === 4 && kind === "raw";
    this.#messages = new MessageBatch(libc, { count: RECEIVE_BATCH, name: 28, data: 128, control: 64 });
    this.#timeAddress = libc.address(this.#time.buffer);
  }

  /** To be called before each time that one reads: somebody may have set the clock. */
  setClock(): void {
    const { libc, now } = this.#options;
    libc.clock_gettime(CLOCK_REALTIME, this.#timeAddress);
    this.#offset = milliseconds(this.#time, 0) - now();
  }

  /** Reads one batch. @returns how many there were; 0 when nothing is there, −1 when an error is to be read first */
  read(): number {
    const { libc, fd } = this.#options;
    const first = this.#messages.addresses[0] as bigint;
    const count = libc.recvmmsg(fd, first, RECEIVE_BATCH, MSG_DONTWAIT, 0n);
    if (count <= 0) return libc.errno() === EAGAIN ? 0 : -1;
    for (let index = 0; index < count; index++) this.#hear(index);
    this.#messages.reset(count);
    return count;
  }

  #hear(index: number): void {
    const { listener, token, family } = this.#options;
    const { data, dataWords, names } = this.#messages;
    const length = this.#messages.length(index);
    const at = findEcho(data, index * dataWords, length, this.#type, this.#withHeader, token);
    if (at === NOT_OURS) listener.foreign();
    if (at < 0) return;
    const name = index * NAME_WORDS;
    const source = this.#source;
    if (family === 4) source[0] = names[name + 1] as number;
    else {
      for (let word = 0; word < 4; word++) source[word] = names[name + 2 + word] as number;
      source[4] = names[name + 6] as number;
    }
    listener.reply(data, at, source, 0, this.#receiveTime(index));
  }

  /** When the system received a message, in monotonic milliseconds; now when it did not say. */
  #receiveTime(index: number): number {
    const { control, controlWords } = this.#messages;
    const begin = index * controlWords;
    const end = begin + this.#messages.controlLength(index) / 4;
    const at = findControl(control, begin, end, SOL_SOCKET, SCM_TIMESTAMPNS);
    return at < 0 ? this.#options.now() : milliseconds(control, at + CONTROL_HEADER_WORDS) - this.#offset;
  }
}

/** A `struct timespec` in milliseconds. */
function milliseconds(words: Uint32Array, at: number): number {
  const seconds = (words[at] as number) + (words[at + 1] as number) * 2 ** 32;
  return seconds * 1000 + (words[at + 2] as number) / 1e6;
}
