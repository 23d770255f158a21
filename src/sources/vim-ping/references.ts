import type { Clock } from "../../plugin/index.ts";
import type { PingTarget } from "./pinger/port.ts";
import type { Pings } from "./pings.ts";
import type { Settings } from "./settings.ts";

/** Least and most milliseconds from one look at a reference to the next. */
const FASTEST = 100;
const SLOWEST = 1000;

/** Milliseconds by which an answer may be told late, so that it seems to be to a request sent later than it was. */
const MARGIN = 100;

/** Whether our own network was there when a round was missed; `open` while that is not known yet. */
export type Judgement = "up" | "down" | "open";

interface Reference {
  readonly address: string;
  /** Monotonic milliseconds at which the latest request that was answered was sent. */
  answered: number;
  /** The same of the latest one that was not. */
  missed: number;
  /** The same of the one before that, where it was not answered either: a single loss is no lost network. */
  missedBefore: number;
}

/**
 * Addresses on our own way out. A missed round counts against its VIM only when a reference answered a request that was sent after that
 * round began: an answer from before says nothing about a network that was cut since.
 */
export class References {
  readonly #references: readonly Reference[];
  readonly #waiting = new Set<() => void>();

  /** @param settings of the source: the references are asked more often than its VIMs have time to answer */
  constructor(addresses: readonly string[], settings: Settings, pings: Pings, clock: Clock) {
    const interval = Math.min(Math.max(settings.timeout / 2, FASTEST), SLOWEST);
    const timeout = Math.min(Math.max(settings.timeout, FASTEST), interval);
    this.#references = addresses.map((address) => ({
      address,
      answered: Number.NEGATIVE_INFINITY,
      missed: Number.NEGATIVE_INFINITY,
      missedBefore: Number.NEGATIVE_INFINITY,
    }));
    for (const reference of this.#references) {
      const target: PingTarget = {
        id: `reference ${reference.address}`,
        address: reference.address,
        interval,
        timeout,
        count: 1,
        confirm: 1,
      };
      pings.ask(target, (round) => {
        const now = clock.monotonic();
        const answered = round.received > 0;
        reference.missedBefore = answered ? Number.NEGATIVE_INFINITY : reference.missed;
        reference.missed = answered ? Number.NEGATIVE_INFINITY : now - timeout;
        if (answered) reference.answered = now - (round.times[0] ?? 0);
        for (const wake of [...this.#waiting]) wake();
      });
    }
  }

  /** @param began monotonic milliseconds at which the missed round began */
  judge(began: number): Judgement {
    if (this.#references.some(({ answered }) => answered - MARGIN > began)) return "up";
    return this.#references.every(({ missedBefore }) => missedBefore > began) ? "down" : "open";
  }

  /** Waits until it is known. Rejects with the signal's reason. */
  decide(began: number, signal: AbortSignal): Promise<Exclude<Judgement, "open">> {
    return new Promise((resolve, reject) => {
      const abort = () => {
        stop();
        reject(signal.reason);
      };
      const look = () => {
        const judgement = this.judge(began);
        if (judgement === "open") return;
        stop();
        signal.removeEventListener("abort", abort);
        resolve(judgement);
      };
      const stop = this.wait(look);
      if (signal.aborted) abort();
      else signal.addEventListener("abort", abort, { once: true });
      look();
    });
  }

  /** Calls after each look at a reference, until the returned function is called. */
  wait(wake: () => void): () => void {
    this.#waiting.add(wake);
    return () => this.#waiting.delete(wake);
  }
}
