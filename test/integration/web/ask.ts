import { type IncomingHttpHeaders, request } from "node:http";
import { request as requestSecure } from "node:https";
import { connect } from "node:net";

/** An answer, read whole. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** What a request may say beside its address. */
export interface Ask {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** What the certificate must be signed by. */
  readonly ca?: string;
}

/** Sends one request on a connection of its own, its path as it is. */
export function ask(
  origin: string,
  path: string,
  { method = "GET", headers = {}, body, ca }: Ask = {},
): Promise<Answer> {
  const { protocol, hostname, port } = new URL(origin);
  const send = protocol === "https:" ? requestSecure : request;
  const host = hostname.replace(/^\[|\]$/g, "");
  return new Promise((resolve, reject) => {
    const sent = send(
      { host, port, path, method, headers, agent: false, ...(ca !== undefined && { ca }) },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk) => {
          text += chunk;
        });
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
        );
        response.on("error", reject);
      },
    );
    sent.on("error", reject).end(body);
  });
}

/** An `Authorization` header. */
export function basic(name: string, password: string): { readonly authorization: string } {
  return { authorization: `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}` };
}

/** Sends bytes as they are, and returns what comes back until the server ends the connection. */
export function raw(origin: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let text = "";
    socket.setEncoding("latin1").on("data", (data) => {
      text += data;
    });
    socket
      .on("close", () => resolve(text))
      .on("error", (error: NodeJS.ErrnoException) => {
        if (error.code === "ECONNRESET" || error.code === "EPIPE") resolve(text);
        else reject(error);
      });
    socket.write(bytes, "latin1");
  });
}
