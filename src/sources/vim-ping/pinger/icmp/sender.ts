import { constants } from "node:os";
import type { EchoLink } from "./echo-link.ts";
import type { Rounds } from "./rounds.ts";
import { sendFailure } from "./send-failure.ts";
import type { SendQueue } from "./send-queue.ts";
import type { Tally } from "./tally.ts";
import { QUEUED, type TargetTable } from "./target-table.ts";

/** Packets that go out in one call: few enough that their one send time is true for each of them. */
const SEND_BATCH = 8;
/** Packets after which one looks at what came back before more go out. */
const SENDS_UNREAD = 64;

const { EAGAIN, EWOULDBLOCK } = constants.errno;

/** What a sender works with. */
export interface SenderOptions {
  readonly table: TargetTable;
  readonly rounds: Rounds;
  readonly tally: Tally;
}

/** Sends the requests that wait, in batches, and looks at what came back in between. */
export class Sender {
  readonly #options: SenderOptions;
  readonly #batch = new Int32Array(SEND_BATCH);

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /**
   * Sends what waits of one family.
   * @param link null where this system does not speak it: the rounds read unknown then
   * @param most requests that may go out; the rest waits
   * @param read reads what came back
   */
  flush(family: 4 | 6, queue: SendQueue, link: EchoLink | null, most: number, read: () => void): void {
    let [budget, unread] = [most, 0];
    while (queue.size > 0 && budget > 0) {
      const count = this.#fill(queue);
      if (!link) {
        for (let at = 0; at < count; at++)
          this.#options.rounds.unsent(
            this.#batch[at] as number,
            "own-network",
            `no IPv${family} on this system`,
          );
        continue;
      }
      if (!this.#send(link, queue, count)) return;
      budget -= count;
      unread += count;
      if (unread < SENDS_UNREAD) continue;
      unread = 0;
      read();
    }
  }

  /** Moves targets from a queue to the batch. Those that were removed meanwhile are left out. */
  #fill(queue: SendQueue): number {
    const { state } = this.#options.table;
    let count = 0;
    while (count < SEND_BATCH && queue.size > 0) {
      const target = queue.shift();
      if (state[target] === QUEUED) this.#batch[count++] = target;
    }
    return count;
  }

  /** Sends the batch. @returns false when the system takes no more for now */
  #send(link: EchoLink, queue: SendQueue, count: number): boolean {
    const { rounds, tally } = this.#options;
    const batch = this.#batch;
    let rest = count;
    while (rest > 0) {
      const sent = link.send(batch, rest);
      for (let at = 0; at < sent; at++) rounds.gone(batch[at] as number, link.sentAt);
      tally.count("sent", sent);
      let done = sent;
      if (sent === 0) {
        const { errno } = link;
        if (errno === EAGAIN || errno === EWOULDBLOCK) {
          for (let at = 0; at < rest; at++) queue.push(batch[at] as number);
          return false;
        }
        this.#refused(batch[0] as number, errno, link.sentAt);
        done = 1;
      }
      batch.copyWithin(0, done, rest);
      rest -= done;
    }
    return true;
  }

  #refused(target: number, errno: number, now: number): void {
    const { rounds } = this.#options;
    const { unmeasured, reason } = sendFailure(errno);
    if (unmeasured !== null) {
      rounds.unsent(target, unmeasured, reason);
      return;
    }
    rounds.reasons.note(target, reason, now);
    // A miss like any other, in its time: three of them at once would confirm nothing.
    rounds.gone(target, now);
  }
}
