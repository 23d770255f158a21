import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { Login } from "./address.ts";
import { explainFailure } from "./explain-failure.ts";

const REDIRECTS = 5;
/** RFC 9110 §8.8.2.2: a date that is not older than this when it was told may stand for two contents of one second. */
const CERTAIN_AFTER = 2000;

/** How a client tells which answer it has. */
export interface Validators {
  readonly etag: string | undefined;
  readonly modified: string | undefined;
}

/** One question. */
export interface GetRequest {
  readonly url: URL;
  readonly accept: string;
  /** Of the answer that is there already. */
  readonly known: Validators | undefined;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

/** An answer of status 200, or the news that there is nothing new. */
export type GetAnswer =
  | { readonly kind: "unchanged" }
  | {
      readonly kind: "content";
      readonly text: string;
      readonly validators: Validators;
      /** Where it was found, after redirections. */
      readonly url: URL;
    };

/** Somebody answers, but not with what was asked for. */
export class AnswerError extends Error {}

/** Asks one origin, over few connections that are kept while it lives. */
export class OriginClient {
  readonly #origin: string;
  readonly #login: Login | undefined;
  readonly #agent: HttpAgent | HttpsAgent;
  readonly #tls: { readonly ca?: string };

  /**
   * @param origin nobody else is ever asked, and nobody else is told the login
   * @param ca certificates in PEM to trust instead of the system's
   */
  constructor(
    origin: string,
    { login, ca, connections }: { login: Login | undefined; ca: string | undefined; connections: number },
  ) {
    this.#origin = origin;
    this.#login = login;
    this.#tls = ca === undefined ? {} : { ca };
    const options = { keepAlive: true, maxSockets: connections };
    this.#agent = origin.startsWith("https:") ? new HttpsAgent(options) : new HttpAgent(options);
  }

  /**
   * Gets a document. Redirections are followed within the origin.
   * @throws AnswerError for an answer that is of no use, Error for none at all, each with a message for people; the signal's reason
   */
  async get(request: GetRequest): Promise<GetAnswer> {
    let { url } = request;
    const seen = new Set<string>();
    for (;;) {
      if (url.origin !== this.#origin)
        throw new AnswerError(
          `it sends us on to ${url.origin}, which is another server: name that one instead`,
        );
      if (seen.has(url.href) || seen.size > REDIRECTS)
        throw new AnswerError("it sends us on and on in a loop");
      seen.add(url.href);
      const response = await this.#ask(url, request);
      const { statusCode = 0, headers } = response;
      if (statusCode >= 300 && statusCode < 400 && statusCode !== 304 && headers.location !== undefined) {
        response.resume();
        if (!URL.canParse(headers.location, url)) throw new AnswerError("it sends us on to what is no URL");
        url = new URL(headers.location, url);
        continue;
      }
      return this.#answer(response, url, request);
    }
  }

  /** Closes its connections. */
  close(): void {
    this.#agent.destroy();
  }

  /** @param fresh whether on a connection of its own */
  #ask(url: URL, asked: GetRequest, fresh = false): Promise<IncomingMessage> {
    const { accept, known, signal } = asked;
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const send = url.protocol === "https:" ? httpsRequest : httpRequest;
    const login = this.#login && Buffer.from(`${this.#login.username}:${this.#login.password}`);
    // The pieces rather than the URL: Node would take a login out of that.
    const { hostname, port, pathname, search } = url;
    const sent = send({
      ...this.#tls,
      host: hostname.replace(/^\[|\]$/g, ""),
      port,
      path: pathname + search,
      agent: fresh ? false : this.#agent,
      signal,
      headers: {
        host: url.host,
        accept,
        "user-agent": "lifeguard",
        ...(login && { authorization: `Basic ${login.toString("base64")}` }),
        ...(known?.etag !== undefined && { "if-none-match": known.etag }),
        ...(known?.modified !== undefined && { "if-modified-since": known.modified }),
      },
    });
    sent.on("response", resolve).on("error", (error: NodeJS.ErrnoException) => {
      if (signal.aborted) reject(signal.reason);
      // The other side may close a connection that was kept just when it is used again.
      else if (sent.reusedSocket && error.code === "ECONNRESET") resolve(this.#ask(url, asked, true));
      else reject(new Error(explainFailure(error)));
    });
    sent.end();
    return promise;
  }

  async #answer(
    response: IncomingMessage,
    url: URL,
    { maxBytes, known, signal }: GetRequest,
  ): Promise<GetAnswer> {
    const { statusCode = 0, statusMessage = "", headers } = response;
    if (statusCode === 304 && known) {
      response.resume();
      return { kind: "unchanged" };
    }
    if (statusCode !== 200) {
      response.resume();
      throw new AnswerError(statusWords(statusCode, statusMessage, this.#login !== undefined));
    }
    const text = await readText(response, maxBytes, signal);
    return { kind: "content", text, url, validators: validatorsOf(headers) };
  }
}

function statusWords(status: number, message: string, hasLogin: boolean): string {
  if (status === 401)
    return hasLogin
      ? "it refuses the login"
      : "it asks for a login: name it with username and password under `related`";
  return `it answers ${status} ${message}`.trim();
}

async function readText(response: IncomingMessage, maxBytes: number, signal: AbortSignal): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > maxBytes) break;
      chunks.push(chunk);
    }
  } catch (error) {
    signal.throwIfAborted();
    throw new Error(`its answer broke off: ${explainFailure(error)}`);
  }
  // Leaving the loop early has destroyed the response.
  if (length > maxBytes) throw new AnswerError(`its answer is longer than ${maxBytes} bytes`);
  return Buffer.concat(chunks).toString("utf8");
}

function validatorsOf({ etag, "last-modified": modified, date }: IncomingMessage["headers"]): Validators {
  const age = Date.parse(date ?? "") - Date.parse(modified ?? "");
  return { etag, modified: age >= CERTAIN_AFTER ? modified : undefined };
}
