import { randomFillSync } from "node:crypto";
import {
  ATTEMPT,
  checksum,
  ECHO_REQUEST,
  ECHO_REQUEST_V6,
  INDEX,
  NONCE,
  PACKET_SIZE,
  PACKET_WORDS,
  ROUND,
  swapped,
  TOKEN,
} from "./echo-packet.ts";
import type { LinkOptions } from "./link-options.ts";
import { MessageBatch, NAME_WORDS } from "./message-batch.ts";

/** Most packets of one call. */
const SEND_BATCH = 16;

/** How long one id is used, in milliseconds: stateful firewalls on the way keep what they think of it. */
const ID_LIFE = 600_000;

const AF_INET = 2;
const AF_INET6 = 10;

/** Echo requests as `sendmmsg` takes them, written into the same memory again and again. */
export class RequestBatch {
  /** Where the first one is, for the call. */
  readonly address: bigint;
  readonly #options: LinkOptions;
  readonly #messages: MessageBatch;
  readonly #type: number;
  readonly #raw: boolean;
  #id = 0;
  #idUntil = Number.NEGATIVE_INFINITY;

  constructor(options: LinkOptions) {
    this.#options = options;
    const { libc, family, kind, token } = options;
    this.#type = family === 4 ? ECHO_REQUEST : ECHO_REQUEST_V6;
    this.#raw = kind === "raw";
    const name = family === 4 ? 16 : 28;
    this.#messages = new MessageBatch(libc, { count: SEND_BATCH, name, data: PACKET_SIZE, control: 0 });
    for (let index = 0; index < SEND_BATCH; index++) {
      this.#messages.names[index * NAME_WORDS] = family === 4 ? AF_INET : AF_INET6;
      this.#messages.data.set(token, index * PACKET_WORDS + TOKEN);
    }
    this.address = this.#messages.addresses[0] as bigint;
  }

  /** The id of what a raw socket sends; an unprivileged one has an id that the system chose. */
  get id(): number {
    return this.#id;
  }

  /** Writes the current requests of the first `count` targets, in order. */
  stage(targets: Int32Array, count: number): void {
    const { table, family, now } = this.#options;
    const { names, data } = this.#messages;
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
      data[packet] = this.#type;
      data[packet + 1] = this.#id | (swapped(round) << 16);
      data[packet + INDEX] = target;
      data[packet + NONCE] = table.nonce[target] as number;
      data[packet + ROUND] = round;
      data[packet + ATTEMPT] = table.attempt[target] as number;
      // Everywhere else the system fills in the checksum.
      if (this.#raw && family === 4) data[packet] = this.#type | (checksum(data, packet) << 16);
    }
  }

  #renewId(): void {
    const [id = 0] = randomFillSync(new Uint16Array(1));
    this.#id = id;
    this.#idUntil = this.#options.now() + ID_LIFE;
  }
}
