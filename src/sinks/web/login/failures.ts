import type { Clock } from "../../../plugin/index.ts";
import { clientNetwork } from "../net/client-address.ts";

/** Failed logins that a client may have at once, and milliseconds until one of them is forgotten. */
const BURST = 10;
const FORGET = 6000;
/** Most clients that are remembered. */
const MAX_CLIENTS = 10_000;

/** Counts failed logins by client, so that passwords cannot be tried out. It counts by address, never by name: nobody can shut out a user. */
export class Failures {
  readonly #clock: Pick<Clock, "monotonic">;
  /** When all failures of a client will be forgotten, monotonic. The one that failed last is last. */
  readonly #clear = new Map<string, number>();

  constructor(clock: Pick<Clock, "monotonic">) {
    this.#clock = clock;
  }

  /**
   * Takes note of a login that will be checked, as if it failed.
   * @returns 0, or the seconds that the client has to wait because it has failed too often
   */
  begin(address: string): number {
    const client = clientNetwork(address);
    const now = this.#clock.monotonic();
    const clear = Math.max(now, this.#clear.get(client) ?? now) + FORGET;
    const excess = clear - now - BURST * FORGET;
    if (excess > 0) return Math.ceil(excess / 1000);
    this.#set(client, clear);
    return 0;
  }

  /** Takes a note back: the login was good, or was not checked. */
  forgive(address: string): void {
    const client = clientNetwork(address);
    const clear = (this.#clear.get(client) ?? 0) - FORGET;
    if (clear > this.#clock.monotonic()) this.#set(client, clear);
    else this.#clear.delete(client);
  }

  #set(client: string, clear: number): void {
    this.#clear.delete(client);
    this.#clear.set(client, clear);
    for (const oldest of this.#clear.keys()) {
      if (this.#clear.size <= MAX_CLIENTS) break;
      this.#clear.delete(oldest);
    }
  }
}
