import type { FastifyReply, FastifyRequest } from "fastify";
import type { SubjectState } from "../../../plugin/index.ts";
import { principalOf } from "../access/request-principal.ts";
import type { WebApp } from "../routes/web-app.ts";
import type { Scope } from "../site.ts";

/** What a page that others show in a frame may do: be looked at. */
const FRAME_POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors *",
].join("; ");

/** A drawing styles nothing and loads nothing. */
const PICTURE_POLICY = "default-src 'none'; frame-ancestors 'none'";

const FRAMES = new Set(["iframe", "frame", "embed", "object"]);

/** Seconds that an answer may be shown again without asking. */
const AGE = 60;

/**
 * What of a root may be embedded where a request comes from. A page of another site is told what everybody is told, whoever its reader is:
 * else it could have a login or this machine's trust work for it.
 */
export function embeddable(app: WebApp, scope: Scope, request: FastifyRequest): Scope | undefined {
  return isEmbedded(app, request) ? app.sites.of({ kind: "anonymous" }, "look").scope(scope.instance) : scope;
}

/** What is answered. */
export interface Embedded {
  /** A picture, or a page for a frame. */
  readonly kind: "picture" | "frame";
  /** Of which services it tells. */
  readonly states: readonly SubjectState[];
}

/**
 * Sets the headers of what may be embedded, and for how long it is kept. What everybody may see any page may embed: a browser does not say
 * where a request comes from unless the address is https or of its own machine.
 */
export function embedHeaders(
  app: WebApp,
  request: FastifyRequest,
  reply: FastifyReply,
  { kind, states }: Embedded,
): void {
  const open = isEmbedded(app, request) || mayEverybodySee(app, states);
  const shared = open || principalOf(request).kind === "anonymous";
  reply.header("cache-control", `${shared ? "public" : "private"}, max-age=${AGE}`);
  reply.header("vary", "Authorization, Origin, Sec-Fetch-Dest, Sec-Fetch-Site");
  if (kind === "picture") reply.header("content-security-policy", PICTURE_POLICY);
  if (!open) return;
  reply.header("cross-origin-resource-policy", "cross-origin");
  if (kind === "picture") return;
  reply.header("content-security-policy", FRAME_POLICY).removeHeader("x-frame-options");
}

function mayEverybodySee({ ctx }: WebApp, states: readonly SubjectState[]): boolean {
  return states.every(({ subject }) => ctx.authorize({ kind: "anonymous" }, "look", subject));
}

function isEmbedded({ isCrossSite }: WebApp, request: FastifyRequest): boolean {
  const destination = request.headers["sec-fetch-dest"];
  return isCrossSite(request) || (typeof destination === "string" && FRAMES.has(destination));
}
