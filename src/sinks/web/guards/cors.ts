import type { FastifyInstance, FastifyRequest } from "fastify";

/** What a page may send, and what it may read of an answer beyond what every page may. */
const PREFLIGHT: Readonly<Record<string, string>> = {
  "access-control-allow-methods": "GET, HEAD, POST",
  "access-control-allow-headers": "Authorization, Content-Type, If-None-Match, Last-Event-ID",
  "access-control-max-age": "600",
};
const EXPOSED = "ETag, Link, Retry-After";

const ORIGIN = /^https?:\/\/(?:\*\.)?(?:\[[0-9a-f:]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/;

/** Whether a text names an origin, or with `*.` those of all names below one. */
export function isOriginPattern(text: string): boolean {
  return ORIGIN.test(text);
}

/**
 * Makes the test whether a request comes from a page of an origin whose pages are trusted with the login of whoever looks at them.
 * @param patterns valid ones
 */
export function trustedPages(patterns: readonly string[]): (request: FastifyRequest) => boolean {
  const exact = new Set(patterns.filter((pattern) => !pattern.includes("*")));
  const below = patterns
    .filter((pattern) => pattern.includes("*"))
    .map((pattern) => pattern.split("*") as [scheme: string, name: string]);
  return ({ headers }) => {
    const origin = headers.origin?.toLowerCase();
    if (origin === undefined) return false;
    if (exact.has(origin)) return true;
    return below.some(
      ([scheme, name]) =>
        origin.startsWith(scheme) &&
        origin.endsWith(name) &&
        isOriginPattern(origin) &&
        origin !== scheme + name,
    );
  };
}

/**
 * Lets pages of trusted origins read answers, errors included, and send what they may send (the Fetch standard's CORS protocol). It answers
 * their preflights, which carry no login.
 * @param isTrusted the test of requests
 */
export function allowPages(http: FastifyInstance, isTrusted: (request: FastifyRequest) => boolean): void {
  http.addHook("onRequest", async (request, reply) => {
    // For answers that are no replies of this server's own making, such as streams.
    reply.header("vary", "Origin");
    if (!isTrusted(request)) return;
    reply.headers({
      "access-control-allow-origin": request.headers.origin as string,
      "access-control-allow-credentials": "true",
      "access-control-expose-headers": EXPOSED,
    });
    if (request.method === "OPTIONS" && request.headers["access-control-request-method"] !== undefined)
      return reply.code(204).headers(PREFLIGHT).send();
  });
  // Routes say what else their answers depend on.
  http.addHook("onSend", async (_request, reply) => {
    const vary = String(reply.getHeader("vary") ?? "");
    if (!/\borigin\b/i.test(vary)) reply.header("vary", vary === "" ? "Origin" : `${vary}, Origin`);
  });
}
