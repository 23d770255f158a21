import { readFile } from "node:fs/promises";
import type { IncomingMessage, RequestOptions } from "node:http";
import type { Clock } from "../../plugin/index.ts";
import { retryAfter } from "./retry-after.ts";
import type { Outcome } from "./target.ts";

// As imports they would evaluate every export of the modules, among them some that load an HTTP client nobody here uses.
const http = process.getBuiltinModule("node:http");
const https = process.getBuiltinModule("node:https");

/** What is sent, and where. */
export interface Post {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Milliseconds for all of it. */
  readonly timeout: number;
  /** Absolute path of a PEM file whose authorities are trusted instead of the usual ones. */
  readonly ca: string | undefined;
}

/** So much of an answer is read, to say what it was. */
const MOST_ANSWER = 2048;
/** Answers that a corrected address, method or login would change. */
const CORRECTABLE = new Set([401, 402, 403, 404, 405, 407, 410, 421, 451]);
/** 4xx that ask for another try: request timeout, too early (RFC 8470), too many requests (RFC 6585). */
const TRANSIENT = new Set([408, 425, 429]);

/**
 * Sends one request and judges the answer: 2xx is told; 408, 425, 429, 5xx and no answer may pass; a redirect and what a corrected
 * configuration would change is tried again rarely; any other 4xx refuses this message. Redirects are never followed: they would carry
 * headers and message to whatever host they name. A proxy is used where HTTP_PROXY, HTTPS_PROXY and NO_PROXY say so.
 */
export async function httpPost(post: Post, clock: Clock, signal: AbortSignal): Promise<Outcome> {
  const abort = new AbortController();
  const cancel = clock.setTimeout(
    () => abort.abort(new Error(`no answer within ${post.timeout} ms`)),
    post.timeout,
  );
  try {
    const both = AbortSignal.any([abort.signal, signal]);
    const { response, text } = await exchange(post, both);
    return judge(response, text, clock.now());
  } catch (error) {
    const reason = abort.signal.aborted ? abort.signal.reason : error;
    return { kind: "failed", reason: reasonOf(reason) };
  } finally {
    cancel();
  }
}

async function exchange(
  { url, method, headers, body, ca }: Post,
  signal: AbortSignal,
): Promise<{ response: IncomingMessage; text: string }> {
  const options: RequestOptions = {
    method,
    headers: { ...headers, "content-length": String(Buffer.byteLength(body)) },
    signal,
  };
  const proxyEnv = isLoopback(url) ? undefined : process.env;
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const send = async () => {
      const request =
        url.protocol === "https:"
          ? https.request(
              url,
              {
                ...options,
                agent: new https.Agent({ proxyEnv }),
                ...(ca !== undefined && { ca: await readFile(ca) }),
              },
              resolve,
            )
          : http.request(url, { ...options, agent: new http.Agent({ proxyEnv }) }, resolve);
      request.on("error", reject);
      request.end(body);
    };
    send().catch(reject);
  });
  return { response, text: await beginning(response) };
}

/** The beginning of an answer. What comes after it is not waited for. */
async function beginning(response: IncomingMessage): Promise<string> {
  let text = "";
  response.setEncoding("utf8");
  try {
    for await (const chunk of response) {
      text += chunk;
      if (text.length >= MOST_ANSWER) break;
    }
  } catch {
    // The status has come, and that is what counts.
  }
  return text.slice(0, MOST_ANSWER);
}

function judge({ statusCode = 0, headers }: IncomingMessage, text: string, now: number): Outcome {
  if (statusCode >= 200 && statusCode < 300) return { kind: "told" };
  const said = text.replace(/[\p{Cc}\s]+/gu, " ").trim();
  const reason = `answered ${statusCode}${said === "" ? "" : `: ${said.slice(0, 300)}`}`;
  if (statusCode >= 300 && statusCode < 400)
    return {
      kind: "failed",
      reason: `answered ${statusCode}, a redirect to ${hostOf(headers.location)}, which is not followed: correct url`,
      correctable: true,
    };
  if (TRANSIENT.has(statusCode) || statusCode >= 500 || statusCode < 200)
    return { kind: "failed", reason, retryAfter: retryAfter(headers["retry-after"], now) };
  if (CORRECTABLE.has(statusCode)) return { kind: "failed", reason, correctable: true };
  return { kind: "refused", reason };
}

/** What is on this machine is never asked for through a proxy. */
function isLoopback({ hostname }: URL): boolean {
  return /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
}

/** Of an address only the host: the rest may be a secret. */
function hostOf(location: string | undefined): string {
  const url = URL.parse(location ?? "");
  return url === null ? "another path" : url.host;
}

function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  return error instanceof Error ? error.message || error.name : String(error);
}
