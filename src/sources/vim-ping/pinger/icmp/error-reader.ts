import { formatAddress } from "../address.ts";
import { CONTROL_HEADER_WORDS, findControl } from "./control-message.ts";
import { ECHO_REQUEST, ECHO_REQUEST_V6, findEcho, INDEX, NONCE, swapped } from "./echo-packet.ts";
import { icmpErrorText } from "./icmp-error.ts";
import type { LinkOptions } from "./link-options.ts";
import { MessageBatch, NAME_WORDS } from "./message-batch.ts";

const ERROR_BATCH = 8;

/** Calls after which reading stops even though more is there: somebody floods us. */
const MOST_CALLS = 256;

const AF_INET = 2;
const AF_INET6 = 10;
const MSG_DONTWAIT = 0x40;
const MSG_ERRQUEUE = 0x2000;
const SOL_IP = 0;
const IP_RECVERR = 11;
const SOL_IPV6 = 41;
const IPV6_RECVERR = 25;

/** Reads a socket's queue of ICMP errors, and tells the listener of those about requests of ours. */
export class ErrorReader {
  readonly #options: LinkOptions;
  readonly #messages: MessageBatch;
  readonly #type: number;
  readonly #destination = new Uint32Array(5);

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#type = options.family === 4 ? ECHO_REQUEST : ECHO_REQUEST_V6;
    this.#messages = new MessageBatch(options.libc, {
      count: ERROR_BATCH,
      name: 28,
      data: 128,
      control: 256,
    });
  }

  /** Reads all. @param id the id of our requests on a raw socket. @returns how many there were */
  read(id: number): number {
    const { libc, fd } = this.#options;
    const first = this.#messages.addresses[0] as bigint;
    let total = 0;
    for (let call = 0; call < MOST_CALLS; call++) {
      const count = libc.recvmmsg(fd, first, ERROR_BATCH, MSG_DONTWAIT | MSG_ERRQUEUE, 0n);
      if (count <= 0) break;
      total += count;
      for (let index = 0; index < count; index++) this.#hear(index, id);
      this.#messages.reset(count);
      if (count < ERROR_BATCH) break;
    }
    return total;
  }

  #hear(index: number, id: number): void {
    const { family, kind, listener, token } = this.#options;
    const text = this.#text(index);
    if (text === null) return;
    const { data, dataWords, names } = this.#messages;
    const at = index * dataWords;
    const length = this.#messages.length(index);
    if (length < 8 || ((data[at] as number) & 0xff) !== this.#type) return;
    const quoted = findEcho(data, at, length, this.#type, false, token);
    // A raw socket hears of everybody's requests. Those of an unprivileged one are its own: the system has looked.
    if (quoted < 0 && kind === "raw" && ((data[at + 1] as number) & 0xffff) !== id) return;
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

  /** `host unreachable from 192.0.2.1`, out of `struct sock_extended_err` and the address after it (ip(7), IP_RECVERR). */
  #text(index: number): string | null {
    const { family } = this.#options;
    const { control, controlWords } = this.#messages;
    const begin = index * controlWords;
    const end = begin + this.#messages.controlLength(index) / 4;
    const [level, type] = family === 4 ? [SOL_IP, IP_RECVERR] : [SOL_IPV6, IPV6_RECVERR];
    const at = findControl(control, begin, end, level, type);
    if (at < 0 || at + 2 * CONTROL_HEADER_WORDS > end) return null;
    const word = control[at + CONTROL_HEADER_WORDS + 1] as number;
    const text = icmpErrorText(family, (word >>> 8) & 0xff, (word >>> 16) & 0xff);
    const offender = at + 2 * CONTROL_HEADER_WORDS;
    const known = ((control[offender] as number) & 0xffff) === (family === 4 ? AF_INET : AF_INET6);
    if (text === null || !known) return text;
    const from = 4 * (offender + (family === 4 ? 1 : 2));
    return `${text} from ${formatAddress(new Uint8Array(control.buffer, from, family === 4 ? 4 : 16))}`;
  }
}
