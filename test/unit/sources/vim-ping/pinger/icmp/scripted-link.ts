import type { EchoLink, EchoListener } from "../../../../../../src/sources/vim-ping/pinger/icmp/echo-link.ts";
import {
  ATTEMPT,
  INDEX,
  NONCE,
  PACKET_WORDS,
  ROUND,
} from "../../../../../../src/sources/vim-ping/pinger/icmp/echo-packet.ts";
import type { TargetTable } from "../../../../../../src/sources/vim-ping/pinger/icmp/target-table.ts";

/** A request that was sent. */
export interface Request {
  readonly target: number;
  readonly packet: Uint32Array;
  readonly at: number;
}

interface Arrival {
  readonly packet: Uint32Array;
  readonly source: Uint32Array;
  readonly time: number;
}

/** A link that a test answers by hand: what a kernel cannot be asked to do on time. */
export class ScriptedLink implements EchoLink {
  errno = 0;
  sentAt = 0;
  readonly requests: Request[] = [];
  /** Errors of the next sends, one each; 0 lets it pass. */
  readonly errors: number[] = [];
  /** Answers every request after so many milliseconds; undefined: none. */
  answerAfter: number | undefined;
  /** What `receive` returns. */
  complete = true;
  readonly #arrivals: Arrival[] = [];
  readonly #table: TargetTable;
  readonly #listener: EchoListener;
  readonly #now: () => number;

  constructor(table: TargetTable, listener: EchoListener, now: () => number) {
    this.#table = table;
    this.#listener = listener;
    this.#now = now;
  }

  send(targets: Int32Array, count: number): number {
    this.sentAt = this.#now();
    let sent = 0;
    for (; sent < count; sent++) {
      const errno = this.errors[0] ?? 0;
      if (errno !== 0 && sent > 0) return sent;
      this.errors.shift();
      if (errno !== 0) {
        this.errno = errno;
        return 0;
      }
      const target = targets[sent] as number;
      const packet = new Uint32Array(PACKET_WORDS);
      packet[INDEX] = target;
      packet[NONCE] = this.#table.nonce[target] as number;
      packet[ROUND] = this.#table.round[target] as number;
      packet[ATTEMPT] = this.#table.attempt[target] as number;
      const request = { target, packet, at: this.sentAt };
      this.requests.push(request);
      if (this.answerAfter !== undefined) this.answer(request, this.sentAt + this.answerAfter);
    }
    return sent;
  }

  /** Lets a reply arrive; from the target's own address unless told otherwise. */
  answer({ target, packet }: Request, time: number, source?: readonly number[]): void {
    const own = this.#table.address.slice(4 * target, 4 * target + 4);
    const from = new Uint32Array(5);
    from.set(source ?? own);
    this.#arrivals.push({ packet, source: from, time });
  }

  receive(): boolean {
    for (const arrival of this.#arrivals.splice(0))
      if (arrival.time <= this.#now())
        this.#listener.reply(arrival.packet, 0, arrival.source, 0, arrival.time);
      else this.#arrivals.push(arrival);
    return this.complete;
  }

  close(): void {}
}
