import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";

/** A reverse proxy as many have one: under a path of its own, with the usual headers. */
export interface PrefixProxy {
  /** Its address with the prefix, without a final slash. */
  readonly url: string;
  close(): void;
}

/** How the proxy goes about it. */
export interface PrefixProxyOptions {
  /** Origin to pass requests on to; asked for each of them. */
  readonly target: () => string;
  /** Begins with a slash. */
  readonly prefix: string;
  /** Whether it takes the prefix off. */
  readonly strips: boolean;
  readonly port?: number;
}

/** Starts it on a port of this machine. What is not below its prefix is 502. */
export async function startPrefixProxy({
  target,
  prefix,
  strips,
  port = 0,
}: PrefixProxyOptions): Promise<PrefixProxy> {
  const server = createServer((incoming, outgoing) => {
    const { url = "/", method, headers, socket } = incoming;
    if (!url.startsWith(`${prefix}/`)) {
      outgoing.writeHead(502).end();
      return;
    }
    const { hostname, port: targetPort, host } = new URL(target());
    const passed = request(
      {
        hostname,
        port: targetPort,
        method,
        path: strips ? url.slice(prefix.length) : url,
        headers: {
          ...headers,
          host,
          "x-forwarded-for": socket.remoteAddress,
          "x-forwarded-host": headers.host,
          "x-forwarded-proto": "http",
        },
      },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    passed.on("error", () => outgoing.destroy());
    outgoing.on("close", () => passed.destroy());
    incoming.pipe(passed);
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${prefix}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
