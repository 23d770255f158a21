import { isIPv4, isIPv6, SocketAddress } from "node:net";

/** A literal address, taken apart. */
export interface Address {
  readonly family: 4 | 6;
  /** 4 or 16 bytes, in network order. */
  readonly bytes: Uint8Array;
  /** The interface of a link-local IPv6 address: a name, a number, or empty. */
  readonly zone: string;
}

/**
 * Reads a literal IPv4 or IPv6 address, the latter with its zone. An IPv4 address in IPv6 clothes (`::ffff:192.0.2.1`) is one of IPv4: it is
 * asked and answers over IPv4.
 * @returns undefined for anything else, names among it
 */
export function parseAddress(text: string): Address | undefined {
  if (isIPv4(text)) return { family: 4, bytes: ipv4(text), zone: "" };
  if (!isIPv6(text)) return undefined;
  const [literal = "", zone = ""] = text.split("%", 2);
  const bytes = ipv6(literal);
  const mapped =
    bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
  return mapped ? { family: 4, bytes: bytes.slice(12), zone: "" } : { family: 6, bytes, zone };
}

/** The usual notation of 4 or 16 bytes in network order. */
export function formatAddress(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  const groups = Array.from({ length: 8 }, (_, at) =>
    (((bytes[2 * at] ?? 0) << 8) | (bytes[2 * at + 1] ?? 0)).toString(16),
  );
  return new SocketAddress({ family: "ipv6", address: groups.join(":") }).address;
}

function ipv4(text: string): Uint8Array {
  return Uint8Array.from(text.split("."), Number);
}

function ipv6(text: string): Uint8Array {
  const dotted = /[^:]*\.[^:]*$/.exec(text)?.[0];
  const plain = dotted === undefined ? text : `${text.slice(0, -dotted.length)}${hexGroups(ipv4(dotted))}`;
  const [head = "", tail] = plain.split("::", 2);
  const first = head === "" ? [] : head.split(":");
  const last = tail === undefined || tail === "" ? [] : tail.split(":");
  const bytes = new Uint8Array(16);
  for (const [at, group] of first.entries()) writeGroup(bytes, at, group);
  for (const [at, group] of last.entries()) writeGroup(bytes, 8 - last.length + at, group);
  return bytes;
}

function writeGroup(bytes: Uint8Array, at: number, group: string): void {
  const value = Number.parseInt(group, 16);
  bytes[2 * at] = value >> 8;
  bytes[2 * at + 1] = value & 0xff;
}

function hexGroups([a = 0, b = 0, c = 0, d = 0]: Uint8Array): string {
  return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
}
