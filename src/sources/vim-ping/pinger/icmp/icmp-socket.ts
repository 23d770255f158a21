import { constants } from "node:os";
import type { Libc } from "./libc.ts";

/** The unprivileged kind of ICMP socket, which `net.ipv4.ping_group_range` allows, and the one that needs CAP_NET_RAW. */
export type SocketKind = "datagram" | "raw";

const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_DGRAM = 2;
const SOCK_RAW = 3;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const IPPROTO_ICMP = 1;
const IPPROTO_ICMPV6 = 58;

const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const SO_RCVBUFFORCE = 33;
const SO_TIMESTAMPNS = 35;
const SOL_IP = 0;
const IP_RECVERR = 11;
const SOL_IPV6 = 41;
const IPV6_RECVERR = 25;
const SOL_RAW = 255;
const ICMP_FILTER = 1;
const ICMP6_FILTER = 1;

const ECHO_REPLY = 0;
const ECHO_REPLY_V6 = 129;

/** Replies that may wait while the pinger is held up: some seconds' worth of ten thousand targets. */
const RECEIVE_BUFFER = 4 * 2 ** 20;

const { EAFNOSUPPORT, EPROTONOSUPPORT, EACCES, EPERM } = constants.errno;

/** An open socket, or why there is none. */
export type Opened =
  | { readonly fd: number }
  /** `absent`: this machine does not speak the family at all; `denied`: this user may not; else something is broken. */
  | { readonly refusal: "absent" | "denied" | "broken"; readonly errno: number };

/** Opens one socket for echo requests and replies, with the system's receive times and its queue of ICMP errors. */
export function openIcmpSocket(libc: Libc, family: 4 | 6, kind: SocketKind): Opened {
  const type = (kind === "raw" ? SOCK_RAW : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC;
  const fd =
    family === 4 ? libc.socket(AF_INET, type, IPPROTO_ICMP) : libc.socket(AF_INET6, type, IPPROTO_ICMPV6);
  if (fd < 0) return refused(libc.errno());
  const words = new Uint32Array(8);
  const address = libc.address(words.buffer);
  const set = (level: number, name: number, ...values: number[]): boolean => {
    words.set(values);
    return libc.setsockopt(fd, level, name, address, 4 * values.length) === 0;
  };
  // Forcing needs CAP_NET_ADMIN; without it the system's own limit holds.
  if (!set(SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER)) set(SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER);
  let usable = set(SOL_SOCKET, SO_TIMESTAMPNS, 1);
  usable &&= family === 4 ? set(SOL_IP, IP_RECVERR, 1) : set(SOL_IPV6, IPV6_RECVERR, 1);
  if (kind === "raw")
    usable &&=
      family === 4
        ? set(SOL_RAW, ICMP_FILTER, ~(1 << ECHO_REPLY))
        : set(IPPROTO_ICMPV6, ICMP6_FILTER, ...allBut(ECHO_REPLY_V6));
  if (usable) return { fd };
  const failure = refused(libc.errno());
  libc.close(fd);
  return failure;
}

function refused(errno: number): Opened {
  const absent = errno === EAFNOSUPPORT || errno === EPROTONOSUPPORT;
  const denied = errno === EACCES || errno === EPERM;
  return { refusal: absent ? "absent" : denied ? "denied" : "broken", errno };
}

/** 256 bits of which a set one blocks its type. */
function allBut(type: number): number[] {
  return Array.from({ length: 8 }, (_, word) => (word === type >> 5 ? ~(1 << (type & 31)) : ~0));
}
