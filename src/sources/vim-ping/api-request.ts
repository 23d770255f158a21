import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { request as httpsRequest } from "node:https";

/** Longest answer that is read, in bytes: a list of a hundred thousand VIMs. */
const LONGEST = 64 * 1024 * 1024;

/** Whom a server must prove to be. */
export interface Trust {
  /** Certificates in PEM; undefined for the system's. */
  readonly ca?: string | undefined;
  /** False takes any certificate. */
  readonly verify: boolean;
}

/** One request to an API. */
export interface ApiRequest {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly trust: Trust;
  /** Milliseconds for everything. */
  readonly timeout: number;
  readonly signal: AbortSignal;
}

/** Its answer, whatever the status. */
export interface ApiAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/**
 * Asks, and reads the whole answer. Redirections are not followed: they would carry secrets elsewhere.
 * @throws Error when there is no answer in time, none that can be read, or the signal aborts
 */
export async function askApi(request: ApiRequest): Promise<ApiAnswer> {
  const { url, trust, timeout } = request;
  const limit = AbortSignal.timeout(timeout);
  const signal = AbortSignal.any([limit, request.signal]);
  try {
    return await exchange(request, new URL(url), trust, signal);
  } catch (error) {
    request.signal.throwIfAborted();
    if (limit.aborted) throw new Error(`no answer within ${timeout} ms`);
    throw error;
  }
}

function exchange(
  { method, headers = {}, body }: ApiRequest,
  url: URL,
  trust: Trust,
  signal: AbortSignal,
): Promise<ApiAnswer> {
  const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  return new Promise((resolve, reject) => {
    const options = {
      method,
      signal,
      // Its own connection, which ends with it.
      agent: false,
      headers: {
        accept: "application/json",
        "user-agent": "lifeguard",
        ...(payload && { "content-type": "application/json", "content-length": payload.length }),
        ...headers,
      },
    };
    const tls = { rejectUnauthorized: trust.verify, ...(trust.ca !== undefined && { ca: trust.ca }) };
    const secure = url.protocol === "https:";
    const sent = secure ? httpsRequest(url, { ...options, ...tls }) : httpRequest(url, options);
    sent.on("error", reject);
    sent.on("response", (response) => {
      const chunks: Buffer[] = [];
      let length = 0;
      response.on("data", (chunk: Buffer) => {
        length += chunk.length;
        if (length > LONGEST) response.destroy(new Error(`an answer of more than ${LONGEST} bytes`));
        else chunks.push(chunk);
      });
      response.on("error", reject);
      response.on("aborted", () => reject(new Error("the answer broke off")));
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString("utf8"),
        }),
      );
    });
    sent.end(payload);
  });
}
