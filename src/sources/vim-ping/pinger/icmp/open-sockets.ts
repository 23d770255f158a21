import { getSystemErrorName } from "node:util";
import type { Refusal } from "../refusal.ts";
import { type Opened, openIcmpSocket, type SocketKind } from "./icmp-socket.ts";
import type { Libc } from "./libc.ts";

/** Sockets of one kind, one a family that this system speaks. */
export interface Sockets {
  readonly kind: SocketKind;
  readonly fds: ReadonlyArray<readonly [family: 4 | 6, fd: number]>;
  readonly reason: string;
}

/** Opens unprivileged sockets where the system allows them, else raw ones. */
export function openSockets(libc: Libc): Sockets | Refusal {
  const refusals: string[] = [];
  let denied = false;
  for (const kind of ["datagram", "raw"] as const) {
    const fds: Array<readonly [4 | 6, number]> = [];
    let refusal: Extract<Opened, { errno: number }> | undefined;
    for (const family of [4, 6] as const) {
      const opened = openIcmpSocket(libc, family, kind);
      if ("fd" in opened) fds.push([family, opened.fd]);
      else if (opened.refusal !== "absent") refusal ??= opened;
    }
    if (fds.length > 0 && !refusal) return { kind, fds, reason: reasonOf(kind, refusals) };
    for (const [, fd] of fds) libc.close(fd);
    if (refusal?.refusal === "denied") denied = true;
    refusals.push(
      refusal
        ? `${NAMES[kind]}: ${getSystemErrorName(-refusal.errno)}${refusal.refusal === "denied" ? `, ${CURES[kind]}` : ""}`
        : `${NAMES[kind]}: this system has neither IPv4 nor IPv6`,
    );
  }
  return { denied, reason: refusals.join("; ") };
}

const NAMES = { datagram: "unprivileged ICMP sockets", raw: "raw ICMP sockets" };
const CURES = {
  datagram: "net.ipv4.ping_group_range does not hold this group",
  raw: "CAP_NET_RAW is missing",
};

function reasonOf(kind: SocketKind, refusals: readonly string[]): string {
  return kind === "datagram"
    ? "net.ipv4.ping_group_range allows unprivileged ICMP sockets"
    : `CAP_NET_RAW allows raw ICMP sockets (${refusals.join("; ")})`;
}
