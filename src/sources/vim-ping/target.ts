import { isIP, isIPv4, isIPv6 } from "node:net";

/** What an auth_url says about where its VIM is. User names and passwords in it are not kept. */
export interface Target {
  /** A name in ASCII, or a literal address: IPv6 without brackets, with its zone if it has one. */
  readonly host: string;
  readonly port: number;
  /** Whether it is https. */
  readonly secure: boolean;
  /** Path and query, as an HTTP request names them. */
  readonly path: string;
  /** Whether `host` is an address, so that there is nothing to resolve. */
  readonly literal: boolean;
}

const PORTS: Readonly<Record<string, number>> = { "http:": 80, "https:": 443 };

/** An IPv6 literal with a zone, which the URL standard has no place for: `[fe80::1%25eth0]`, also with a bare `%`. */
const ZONE = /^([a-z]+:\/\/(?:[^@/?#]*@)?\[[0-9a-f:.]+)%(?:25)?([\w.-]+)\]/i;

/** The IPv4 address inside `::ffff:c000:207`, as the URL parser writes it. */
const MAPPED = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/;

/**
 * Takes an auth_url apart by the rules of the URL standard.
 * @throws Error whose message says what is wrong, without repeating the URL, which may hold a password
 */
export function parseTarget(authUrl: string): Target {
  const zone = ZONE.exec(authUrl)?.[2];
  const text = authUrl.replace(ZONE, "$1]");
  if (!URL.canParse(text))
    throw new Error("not a URL: write it with scheme and host, such as https://192.0.2.7:5000/v3");
  const url = new URL(text);
  const standard = PORTS[url.protocol];
  if (standard === undefined) throw new Error("not an http or https URL, as VIMs have");
  const bare = url.hostname.replace(/^\[|\]$/g, "");
  const address = unmapped(bare);
  return {
    host: zone !== undefined && isIPv6(address) ? `${address}%${zone}` : address,
    port: url.port === "" ? standard : Number(url.port),
    secure: url.protocol === "https:",
    path: `${url.pathname}${url.search}`,
    literal: isIP(address) !== 0,
  };
}

/** Whether two lead to the same place, asked in any way. */
export function sameTarget(a: Target, b: Target): boolean {
  return a.host === b.host && a.port === b.port && a.secure === b.secure && a.path === b.path;
}

/** `192.0.2.7:5000`, `[2001:db8::7]:5000`: for people. */
export function hostAndPort({ host, port }: Target): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function unmapped(address: string): string {
  const [, high, low] = MAPPED.exec(address) ?? [];
  if (high === undefined || low === undefined) return address;
  const bits = Number.parseInt(high, 16) * 65_536 + Number.parseInt(low, 16);
  const dotted = [24, 16, 8, 0].map((shift) => Math.floor(bits / 2 ** shift) % 256).join(".");
  return isIPv4(dotted) ? dotted : address;
}

/** The URL of a target, without user name and password. */
export function urlOf(target: Target): string {
  return `${target.secure ? "https" : "http"}://${hostAndPort(target)}${target.path}`;
}
