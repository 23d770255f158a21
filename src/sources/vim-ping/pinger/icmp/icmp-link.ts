import { randomFillSync } from "node:crypto";
import { constants } from "node:os";
import { formatAddress } from "../address.ts";
import type { EchoLink, EchoListener } from "./echo-link.ts";
import {
  ATTEMPT,
  checksum,
  ECHO_REPLY,
  ECHO_REPLY_V6,
  ECHO_REQUEST,
  ECHO_REQUEST_V6,
  findEcho,
  INDEX,
  NONCE,
  NOT_OURS,
  PACKET_SIZE,
  PACKET_WORDS,
  ROUND,
  TOKEN,
} from "./echo-packet.ts";
import { icmpErrorText } from "./icmp-error.ts";
import type { SocketKind } from "./icmp-socket.ts";
import type { Libc } from "./libc.ts";
import { MessageBatch, NAME_WORDS } from "./message-batch.ts";
import type { TargetTable } from "./target-table.ts";

/** Packets of one call: few enough that their one send time is true for each of them. */
export const SEND_BATCH = 16;
const RECEIVE_BATCH = 64;
const ERROR_BATCH = 8;

/** Calls after which reading stops even though more is there: somebody floods us. */
const MOST_CALLS = 256;
const MOST_RETRIES = 8;

/** How long one id is used: stateful firewalls on the way keep what they think of it. */
const ID_LIFE = 600_000;

const AF_INET = 2;
const AF_INET6 = 10;
const MSG_DONTWAIT = 0x40;
const MSG_ERRQUEUE = 0x2000;
const CLOCK_REALTIME = 0;
const SOL_SOCKET = 1;
const SCM_TIMESTAMPNS = 35;
const SO_MEMINFO = 55;
/** Where `SO_MEMINFO` tells how many packets a socket had no room for. */
const DROPS = 8;
const SOL_IP = 0;
const IP_RECVERR = 11;
const SOL_IPV6 = 41;
const IPV6_RECVERR = 25;
/** Bytes of a `struct cmsghdr`. */
const CONTROL_HEADER = 16;

const { EAGAIN, EINTR } = constants.errno;

/** What an ICMP link is made of. */
export interface IcmpLinkOptions {
  readonly libc: Libc;
  readonly fd: number;
  readonly family: 4 | 6;
  readonly kind: SocketKind;
  readonly table: TargetTable;
  /** Sixteen random bytes that mark our requests. */
  readonly token: Uint32Array;
  readonly listener: EchoListener;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** One ICMP socket: requests go out and replies come in by batches. */
export class IcmpLink implements EchoLink {
  errno = 0;
  sentAt = 0;
  readonly #options: IcmpLinkOptions;
  readonly #requests: MessageBatch;
  readonly #replies: MessageBatch;
  readonly #errors: MessageBatch;
  readonly #time = new Uint32Array(4);
  readonly #timeAddress: bigint;
  readonly #memory = new Uint32Array(16);
  readonly #memoryLength = new Uint32Array(1);
  readonly #memoryAddress: bigint;
  readonly #memoryLengthAddress: bigint;
  readonly #source = new Uint32Array(5);
  readonly #destination = new Uint32Array(5);
  readonly #replyType: number;
  readonly #requestType: number;
  readonly #withHeader: boolean;
  readonly #raw: boolean;
  #drops = 0;
  #id = 0;
  #idUntil = Number.NEGATIVE_INFINITY;

  constructor(options: IcmpLinkOptions) {
    this.#options = options;
    const { libc, family, kind, token } = options;
    this.#replyType = family === 4 ? ECHO_REPLY : ECHO_REPLY_V6;
    this.#requestType = family === 4 ? ECHO_REQUEST : ECHO_REQUEST_V6;
    this.#raw = kind === "raw";
    this.#withHeader = family === 4 && this.#raw;
    const name = family === 4 ? 16 : 28;
    this.#requests = new MessageBatch(libc, { count: SEND_BATCH, name, data: PACKET_SIZE, control: 0 });
    this.#replies = new MessageBatch(libc, { count: RECEIVE_BATCH, name: 28, data: 128, control: 64 });
    this.#errors = new MessageBatch(libc, { count: ERROR_BATCH, name: 28, data: 128, control: 256 });
    this.#timeAddress = libc.address(this.#time.buffer);
    this.#memoryAddress = libc.address(this.#memory.buffer);
    this.#memoryLengthAddress = libc.address(this.#memoryLength.buffer);
    for (let index = 0; index < SEND_BATCH; index++) {
      this.#requests.names[index * NAME_WORDS] = family === 4 ? AF_INET : AF_INET6;
      this.#requests.data.set(token, index * PACKET_WORDS + TOKEN);
    }
    // The first call of each kind takes a thousand times as long as any later one: let it not be one that is timed.
    libc.sendmmsg(options.fd, this.#requests.addresses[0] as bigint, 0, MSG_DONTWAIT);
    this.receive();
  }

  send(targets: Int32Array, count: number): number {
    this.#stage(targets, count);
    const { libc, fd, now } = this.#options;
    const first = this.#requests.addresses[0] as bigint;
    for (let retries = 0; ; ) {
      this.sentAt = now();
      const sent = libc.sendmmsg(fd, first, count, MSG_DONTWAIT);
      if (sent >= 0) return sent;
      this.errno = libc.errno();
      if (this.errno === EINTR) continue;
      if (this.errno === EAGAIN) return 0;
      // The socket also reports here, once, what happened to an earlier request to somebody else. Only what stays is about this one.
      if (this.#readErrors() === 0 && retries > 0) return 0;
      if (retries++ === MOST_RETRIES) {
        this.errno = EAGAIN;
        return 0;
      }
    }
  }

  #stage(targets: Int32Array, count: number): void {
    const { table, family, now } = this.#options;
    const { names, data } = this.#requests;
    if (this.#raw && now() > this.#idUntil) this.#renewId();
    for (let position = 0; position < count; position++) {
      const target = targets[position] as number;
      const name = position * NAME_WORDS;
      if (family === 4) names[name + 1] = table.address[4 * target] as number;
      else {
        for (let word = 0; word < 4; word++)
          names[name + 2 + word] = table.address[4 * target + word] as number;
        names[name + 6] = table.scope[target] as number;
      }
      const packet = position * PACKET_WORDS;
      const round = table.round[target] as number;
      data[packet] = this.#requestType;
      data[packet + 1] = this.#id | (swapped(round) << 16);
      data[packet + INDEX] = target;
      data[packet + NONCE] = table.nonce[target] as number;
      data[packet + ROUND] = round;
      data[packet + ATTEMPT] = table.attempt[target] as number;
      // Everywhere else the system fills in the checksum.
      if (this.#withHeader) data[packet] = this.#requestType | (checksum(data, packet) << 16);
    }
  }

  #renewId(): void {
    const [id = 0] = randomFillSync(new Uint16Array(1));
    this.#id = id;
    this.#idUntil = this.#options.now() + ID_LIFE;
  }

  receive(): boolean {
    const { libc, fd } = this.#options;
    const { addresses } = this.#replies;
    const offset = this.#clockOffset();
    let heard = 0;
    let drained = false;
    for (let call = 0; call < MOST_CALLS; call++) {
      const count = libc.recvmmsg(fd, addresses[0] as bigint, RECEIVE_BATCH, MSG_DONTWAIT, 0n);
      if (count > 0) {
        heard += count;
        for (let index = 0; index < count; index++) this.#hear(index, offset);
        this.#replies.reset(count);
        continue;
      }
      drained = libc.errno() === EAGAIN;
      if (drained) break;
      this.#readErrors();
    }
    this.#readErrors();
    return drained && (heard === 0 || !this.#dropped());
  }

  #hear(index: number, offset: number): void {
    const { listener, token, family } = this.#options;
    const { data, dataWords, names } = this.#replies;
    const at = findEcho(
      data,
      index * dataWords,
      this.#replies.length(index),
      this.#replyType,
      this.#withHeader,
      token,
    );
    if (at === NOT_OURS) listener.foreign();
    if (at < 0) return;
    const name = index * NAME_WORDS;
    const source = this.#source;
    if (family === 4) source[0] = names[name + 1] as number;
    else {
      for (let word = 0; word < 4; word++) source[word] = names[name + 2 + word] as number;
      source[4] = names[name + 6] as number;
    }
    listener.reply(data, at, source, 0, this.#receiveTime(index, offset));
  }

  /** When the system received a message, in monotonic milliseconds; now when it did not say. */
  #receiveTime(index: number, offset: number): number {
    const { control, controlWords } = this.#replies;
    const end = index * controlWords + this.#replies.controlLength(index) / 4;
    for (let at = index * controlWords; at + CONTROL_HEADER / 4 <= end; ) {
      const length = control[at] as number;
      if (length < CONTROL_HEADER) break;
      if (control[at + 2] === SOL_SOCKET && control[at + 3] === SCM_TIMESTAMPNS)
        return milliseconds(control, at + 4) - offset;
      at += 2 * Math.ceil(length / 8);
    }
    return this.#options.now();
  }

  /** What to take from the wall clock to get monotonic time. Asked anew for each read: somebody may set the clock. */
  #clockOffset(): number {
    this.#options.libc.clock_gettime(CLOCK_REALTIME, this.#timeAddress);
    return milliseconds(this.#time, 0) - this.#options.now();
  }

  /** Whether the system threw packets away since the last call, for want of room. */
  #dropped(): boolean {
    this.#memoryLength[0] = 4 * this.#memory.length;
    const { libc, fd } = this.#options;
    if (
      libc.getsockopt(
        fd,
        SOL_SOCKET,
        SO_MEMINFO,
        this.#memoryAddress,
        this.#memoryLengthAddress as bigint,
      ) !== 0
    )
      return false;
    const drops = this.#memory[DROPS] as number;
    const dropped = drops !== this.#drops;
    this.#drops = drops;
    return dropped;
  }

  /** Reads the queue of ICMP errors. @returns how many there were */
  #readErrors(): number {
    const { libc, fd } = this.#options;
    let total = 0;
    for (let call = 0; call < MOST_CALLS; call++) {
      const count = libc.recvmmsg(
        fd,
        this.#errors.addresses[0] as bigint,
        ERROR_BATCH,
        MSG_DONTWAIT | MSG_ERRQUEUE,
        0n,
      );
      if (count <= 0) break;
      total += count;
      for (let index = 0; index < count; index++) this.#hearError(index);
      this.#errors.reset(count);
      if (count < ERROR_BATCH) break;
    }
    return total;
  }

  #hearError(index: number): void {
    const { family, listener, token } = this.#options;
    const text = this.#errorText(index);
    if (text === null) return;
    const { data, dataWords, names } = this.#errors;
    const at = index * dataWords;
    const length = this.#errors.length(index);
    if (length < 8 || ((data[at] as number) & 0xff) !== this.#requestType) return;
    const quoted = findEcho(data, at, length, this.#requestType, false, token);
    // A raw socket hears of everybody's requests. Those of an unprivileged one are its own: the system has looked.
    if (quoted < 0 && this.#raw && ((data[at + 1] as number) & 0xffff) !== this.#id) return;
    const name = index * NAME_WORDS;
    const destination = this.#destination;
    if (family === 4) destination[0] = names[name + 1] as number;
    else for (let word = 0; word < 4; word++) destination[word] = names[name + 2 + word] as number;
    listener.error({
      text,
      request:
        quoted < 0 ? null : { index: data[quoted + INDEX] as number, nonce: data[quoted + NONCE] as number },
      destination,
      sequence: swapped((data[at + 1] as number) >>> 16),
    });
  }

  /** `host unreachable from 192.0.2.1`, out of `struct sock_extended_err` and the address after it. */
  #errorText(index: number): string | null {
    const { family } = this.#options;
    const { control, controlWords } = this.#errors;
    const begin = index * controlWords;
    const end = begin + this.#errors.controlLength(index) / 4;
    for (let at = begin; at + 8 <= end; ) {
      const length = control[at] as number;
      if (length < CONTROL_HEADER) return null;
      const [level, type] = [control[at + 2], control[at + 3]];
      if ((level === SOL_IP && type === IP_RECVERR) || (level === SOL_IPV6 && type === IPV6_RECVERR)) {
        const word = control[at + 5] as number;
        const text = icmpErrorText(family, (word >>> 8) & 0xff, (word >>> 16) & 0xff);
        const offender = at + 8;
        const known = ((control[offender] as number) & 0xffff) === (family === 4 ? AF_INET : AF_INET6);
        if (text === null || !known) return text;
        const from = 4 * (offender + (family === 4 ? 1 : 2));
        const bytes = new Uint8Array(control.buffer, from, family === 4 ? 4 : 16);
        return `${text} from ${formatAddress(bytes)}`;
      }
      at += 2 * Math.ceil(length / 8);
    }
    return null;
  }

  close(): void {
    this.#options.libc.close(this.#options.fd);
  }
}

/** A `struct timespec` in milliseconds. */
function milliseconds(words: Uint32Array, at: number): number {
  const seconds = (words[at] as number) + (words[at + 1] as number) * 2 ** 32;
  return seconds * 1000 + (words[at + 2] as number) / 1e6;
}

/** The low half of a word in network order, or back. */
function swapped(word: number): number {
  return ((word & 0xff) << 8) | ((word >>> 8) & 0xff);
}
