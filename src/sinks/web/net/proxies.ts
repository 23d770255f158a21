import type { IncomingMessage } from "node:http";
import { BlockList, isIP, isIPv6 } from "node:net";
import { plainAddress } from "./client-address.ts";

/** What is asked of a request. */
export type Asked = Pick<IncomingMessage, "headers" | "socket">;

/**
 * Adds an address or a network in CIDR notation to a list.
 * @returns a sentence that says what is wrong with the text, if something is
 */
export function addNetwork(list: BlockList, text: string): string | undefined {
  const [address = "", bits, ...more] = text.split("/");
  const family = isIPv6(address) ? "ipv6" : "ipv4";
  const longest = family === "ipv6" ? 128 : 32;
  if (isIP(address) === 0 || more.length > 0)
    return `${text} is neither an address nor a network such as 10.0.0.0/8`;
  if (bits === undefined) list.addAddress(address, family);
  else if (/^\d{1,3}$/.test(bits) && Number(bits) <= longest) list.addSubnet(address, Number(bits), family);
  else return `${text}: a network's prefix is at most ${longest} bits long`;
  return undefined;
}

/** The proxies whose word is taken for who asks, and by what name. Nobody else's is. */
export class Proxies {
  readonly #list: BlockList;
  readonly #isName: (host: string) => boolean;

  /**
   * @param networks addresses and networks, valid
   * @param isName tells the names of this server: a proxy may hand on what a client made up
   */
  constructor(networks: readonly string[], isName: (host: string) => boolean) {
    this.#isName = isName;
    this.#list = new BlockList();
    for (const network of networks) addNetwork(this.#list, network);
  }

  /** The address of the client: the last one in `X-Forwarded-For` that is no proxy of ours, or else the peer's. */
  client(request: Asked): string {
    const peer = plainAddress(request.socket.remoteAddress ?? "");
    if (!this.#isOurs(peer)) return peer;
    const named = header(request, "x-forwarded-for")
      .split(",")
      .map((text) => plainAddress(text.trim()))
      .filter((text) => isIP(text) !== 0);
    return named.findLast((address) => !this.#isOurs(address)) ?? peer;
  }

  /** The Host that the client asked for, which is one of ours. */
  host(request: Asked): string {
    const told = this.#told(request, "x-forwarded-host");
    return told !== undefined && this.#isName(told) ? told : (request.headers.host ?? "");
  }

  /** The scheme that the client used. */
  scheme(request: Asked): "http" | "https" {
    const told = this.#told(request, "x-forwarded-proto")?.toLowerCase();
    if (told === "http" || told === "https") return told;
    return "encrypted" in request.socket && request.socket.encrypted === true ? "https" : "http";
  }

  /** Whether an address is that of a proxy of ours. */
  has(address: string): boolean {
    return this.#isOurs(plainAddress(address));
  }

  #told(request: Asked, name: string): string | undefined {
    if (!this.has(request.socket.remoteAddress ?? "")) return undefined;
    return header(request, name).split(",").at(-1)?.trim() || undefined;
  }

  #isOurs(address: string): boolean {
    return isIP(address) !== 0 && this.#list.check(address, isIPv6(address) ? "ipv6" : "ipv4");
  }
}

function header({ headers }: Asked, name: string): string {
  const value = headers[name];
  return Array.isArray(value) ? value.join(",") : (value ?? "");
}
