import type { RequestListener, Server } from "node:http";
import type { Server as SecureServer } from "node:https";
import { type AddressInfo, isIPv6, type Socket } from "node:net";
import { LifeguardError, type SinkContext } from "../../../plugin/index.ts";
import type { ConnectionLimit } from "./connection-limit.ts";
import { type Listen, rootUrl } from "./listen.ts";
import type { KeyPair } from "./tls-files.ts";

// As imports they would evaluate every export of the modules, among them some that load an HTTP client nobody here uses.
const { createServer } = process.getBuiltinModule("node:http");

/** Milliseconds that a client has for the head of a request, for all of it, and to do nothing; and between looks at who is late. */
const HEADERS_TIME = 10_000;
const REQUEST_TIME = 30_000;
const IDLE_TIME = 120_000;
const CHECK = 2000;
/** Milliseconds that a connection waits for its next request. */
const KEEP_ALIVE = 65_000;
/** Bytes and number of the headers of a request. */
const HEADER_BYTES = 16 * 1024;
const HEADERS = 100;
/** Connections of an address of ours. */
const CONNECTIONS = 1000;
/** Milliseconds between two words in the log about connections that could not be taken. */
const QUIET = 60_000;

const OPTIONS = {
  headersTimeout: HEADERS_TIME,
  requestTimeout: REQUEST_TIME,
  connectionsCheckingInterval: CHECK,
  keepAliveTimeout: KEEP_ALIVE,
  maxHeaderSize: HEADER_BYTES,
};

/** The open ports of one server. */
export class Listeners {
  readonly #servers: (Server | SecureServer)[] = [];
  readonly #handler: RequestListener;
  readonly #limit: ConnectionLimit;
  readonly #ctx: Pick<SinkContext, "clock" | "log">;
  #pair: KeyPair | undefined;
  #quietUntil = Number.NEGATIVE_INFINITY;

  /** @param pair absent: without TLS */
  constructor(
    handler: RequestListener,
    limit: ConnectionLimit,
    pair: KeyPair | undefined,
    ctx: Pick<SinkContext, "clock" | "log">,
  ) {
    this.#handler = handler;
    this.#limit = limit;
    this.#pair = pair;
    this.#ctx = ctx;
  }

  /**
   * Opens all addresses, or none.
   * @returns the URLs of their roots, with the ports that they got
   * @throws LifeguardError `ADDRESS_IN_USE`, `LISTEN_FAILED`
   */
  async open(addresses: readonly Listen[]): Promise<readonly string[]> {
    const scheme = this.#pair ? "https" : "http";
    const urls: string[] = [];
    try {
      for (const address of addresses) {
        const server = this.#make();
        this.#servers.push(server);
        await bind(server, address, addresses, scheme);
        server.on("error", (error) => this.#failed(error));
        urls.push(rootUrl({ ...address, port: (server.address() as AddressInfo).port }, scheme));
      }
    } catch (error) {
      await this.close();
      throw error;
    }
    return urls;
  }

  /** Takes over a new certificate for connections to come; those that are open stay. */
  renew(pair: KeyPair): void {
    this.#pair = pair;
    for (const server of this.#servers) if ("setSecureContext" in server) server.setSecureContext(pair);
  }

  /** Ends everything at once. */
  async close(): Promise<void> {
    await Promise.all(
      this.#servers.map((server) => {
        const closed = new Promise<void>((resolve) => server.close(() => resolve()));
        server.closeAllConnections();
        return closed;
      }),
    );
  }

  #make(): Server | SecureServer {
    const pair = this.#pair;
    const server = pair
      ? process
          .getBuiltinModule("node:https")
          .createServer(
            { ...OPTIONS, cert: pair.cert, key: pair.key, handshakeTimeout: HEADERS_TIME },
            this.#handler,
          )
      : createServer(OPTIONS, this.#handler);
    server.maxConnections = CONNECTIONS;
    server.maxHeadersCount = HEADERS;
    server.timeout = IDLE_TIME;
    server.on("connection", (socket: Socket) => this.#limit.take(socket));
    return server;
  }

  /** A connection that could not be taken, as when there are no file handles left, ends nothing else. */
  #failed(error: Error): void {
    const now = this.#ctx.clock.monotonic();
    if (now < this.#quietUntil) return;
    this.#quietUntil = now + QUIET;
    this.#ctx.log.warn(`a connection could not be taken: ${error.message}`);
  }
}

async function bind(
  server: Server,
  { host, port }: Listen,
  all: readonly Listen[],
  scheme: "http" | "https",
): Promise<void> {
  // [::] takes IPv4 too, unless that has an entry of its own.
  const ipv6Only = isIPv6(host) && all.some((other) => other.port === port && !isIPv6(other.host));
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen({ host, port, ipv6Only }, resolve);
  try {
    await promise;
  } catch (error) {
    const where = rootUrl({ host, port }, scheme);
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "EADDRINUSE")
      throw new LifeguardError(
        "ADDRESS_IN_USE",
        `${where} is taken by another program: stop it, or set another \`listen\``,
        { cause: error },
      );
    throw new LifeguardError("LISTEN_FAILED", `cannot listen on ${where}: ${message}`, { cause: error });
  } finally {
    server.off("error", reject);
  }
}
