import { isIPv4, isIPv6 } from "node:net";

/** Where to listen. `host` is an address, without brackets. */
export interface Listen {
  readonly host: string;
  readonly port: number;
}

const SHAPE = /^(\[[^[\]]+\]|[^:[\]\s]+):(\d{1,5})$/;

/**
 * Reads `127.0.0.1:8080`, `localhost:8080` or `[::1]:8080`.
 * @returns the address, or a sentence that says what is wrong with the text
 */
export function parseListen(text: string): Listen | string {
  const [, name, digits] = SHAPE.exec(text) ?? [];
  if (name === undefined || digits === undefined)
    return 'expected an address and a port, such as "127.0.0.1:8080" or "[::1]:8080"';
  const port = Number(digits);
  if (port > 65_535) return `${digits} is no port: the largest is 65535`;
  const host = name.startsWith("[") ? name.slice(1, -1) : name;
  if (name.startsWith("[") && !isIPv6(host)) return `${name} is no IPv6 address`;
  const address = loopbackAddress(host);
  if (address === undefined)
    return `${host} is not a loopback address: without a login, lifeguard serves this machine only (127.0.0.1, localhost or [::1])`;
  return { host: address, port };
}

/** The address to bind for a name that can only mean this machine; undefined for every other name. */
function loopbackAddress(host: string): string | undefined {
  if (host.toLowerCase() === "localhost") return "127.0.0.1";
  if (isIPv4(host)) return host.startsWith("127.") ? host : undefined;
  return isIPv6(host) && new URL(`http://[${host}]`).hostname === "[::1]" ? "::1" : undefined;
}

/** The URL of a root on an address: IPv6 in brackets, with a final slash. */
export function rootUrl({ host, port }: Listen): string {
  return `http://${isIPv6(host) ? `[${host}]` : host}:${port}/`;
}
