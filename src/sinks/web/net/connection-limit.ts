import type { Socket } from "node:net";
import { clientNetwork } from "./client-address.ts";

/** Connections that one client may have: fewer than a server takes, so that a single one cannot have them all. */
const MOST_OF_ONE = 250;

/** Counts the open connections of each client, and cuts off those that are too many. */
export class ConnectionLimit {
  readonly #open = new Map<string, number>();
  readonly #isExempt: (address: string) => boolean;

  /** @param isExempt tells addresses that many clients come from, such as those of proxies */
  constructor(isExempt: (address: string) => boolean) {
    this.#isExempt = isExempt;
  }

  /** Takes note of a new connection, or ends it. */
  take(socket: Pick<Socket, "remoteAddress" | "destroy" | "once">): void {
    const { remoteAddress = "" } = socket;
    if (this.#isExempt(remoteAddress)) return;
    const client = clientNetwork(remoteAddress);
    const open = (this.#open.get(client) ?? 0) + 1;
    if (open > MOST_OF_ONE) {
      socket.destroy();
      return;
    }
    this.#open.set(client, open);
    socket.once("close", () => {
      const left = (this.#open.get(client) ?? 1) - 1;
      if (left > 0) this.#open.set(client, left);
      else this.#open.delete(client);
    });
  }
}
