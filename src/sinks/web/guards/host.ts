import type { IncomingMessage } from "node:http";
import { isIP, isIPv6 } from "node:net";
import { hostname } from "node:os";
import { isLoopback } from "../net/listen.ts";

/** The names that a server answers to. */
export interface OwnNames {
  /** The addresses we listen on. */
  readonly addresses: readonly string[];
  /** Further ones, without ports. */
  readonly names: readonly string[];
}

/**
 * Makes the test of Host headers. A page of a foreign name that resolves to this machine (DNS rebinding) is same-origin with itself, so
 * only names that cannot be anyone else's are answered. Where others can reach us, a bare address is none: no page can be loaded from it
 * but ours. The port is not compared: a forwarded one is not ours, and gives an attacker nothing.
 */
export function hostGuard({ addresses, names }: OwnNames): (header: string | undefined) => boolean {
  const reachable = addresses.some((address) => !isLoopback(address));
  const own = new Set(
    [
      "localhost",
      "127.0.0.1",
      "[::1]",
      ...addresses.map((address) => (isIPv6(address) ? `[${address}]` : address)),
      ...(reachable ? [hostname()] : []),
      ...names,
    ].map((name) => name.toLowerCase()),
  );
  return (header) => {
    const [, written] = /^(\[[0-9a-f:]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/i.exec(header ?? "") ?? [];
    if (written === undefined) return false;
    const name = written.toLowerCase().replace(/\.$/, "");
    return own.has(name) || (reachable && isIP(name.replace(/^\[|\]$/g, "")) !== 0);
  };
}

/** How many Host headers a request has. More than one must be refused (RFC 9112 §3.2); Node.js looks at the first only. */
export function countHosts({ rawHeaders }: Pick<IncomingMessage, "rawHeaders">): number {
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) if (rawHeaders[at]?.toLowerCase() === "host") count++;
  return count;
}
