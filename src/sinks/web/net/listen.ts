import { isIP, isIPv6 } from "node:net";

/** Where to listen. `host` is an address, without brackets. */
export interface Listen {
  readonly host: string;
  readonly port: number;
}

const SHAPE = /^(\[[^[\]]+\]|[^:[\]\s]+):(\d{1,5})$/;

/**
 * Reads `127.0.0.1:8080`, `localhost:8080`, `0.0.0.0:80` or `[::]:8443`.
 * @returns the address, or a sentence that says what is wrong with the text
 */
export function parseListen(text: string): Listen | string {
  const [, name, digits] = SHAPE.exec(text) ?? [];
  if (name === undefined || digits === undefined)
    return 'expected an address and a port, such as "127.0.0.1:8080" or "[::1]:8080"';
  const port = Number(digits);
  if (port > 65_535) return `${digits} is no port: the largest is 65535`;
  if (name.toLowerCase() === "localhost") return { host: "127.0.0.1", port };
  const host = name.startsWith("[") ? name.slice(1, -1) : name;
  if (name.startsWith("[") && !isIPv6(host)) return `${name} is no IPv6 address`;
  if (isIP(host) === 0)
    return `${name} is a name: write the address of this machine to listen on, 0.0.0.0 or [::] for all of them`;
  return { host: isIPv6(host) ? canonical(host) : host, port };
}

/** Whether only this machine can reach an address. */
export function isLoopback(address: string): boolean {
  return address === "::1" || /^(?:::ffff:)?127\./.test(address);
}

/** The shortest way to write an IPv6 address; a zone stays as it is. */
function canonical(address: string): string {
  const url = `http://[${address}]`;
  return URL.canParse(url) ? new URL(url).hostname.slice(1, -1) : address;
}

/** The URL of a root on an address: IPv6 in brackets, with a final slash. */
export function rootUrl({ host, port }: Listen, scheme: "http" | "https" = "http"): string {
  return `${scheme}://${isIPv6(host) ? `[${host}]` : host}:${port}/`;
}
