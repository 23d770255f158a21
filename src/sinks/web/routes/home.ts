import type { FastifyReply, FastifyRequest } from "fastify";
import { HAL } from "../../../plugin/index.ts";
import { feedDocument } from "../feeds/feed-document.ts";
import { sendOwnFile } from "../files/send-own-file.ts";
import { queryOf } from "../find-service.ts";
import { negotiate } from "../negotiate.ts";
import { pageDocument } from "../page/page-document.ts";
import { problem } from "../problem.ts";
import type { Scope } from "../site.ts";
import { onBothRoots, type ScopeHandler } from "./both-roots.ts";
import { halDocument, textDocument } from "./documents.ts";
import { onServer } from "./on-server.ts";
import type { WebApp } from "./web-app.ts";

const OFFERED = [
  "text/html",
  HAL,
  "application/json",
  "application/rss+xml",
  "application/atom+xml",
  "application/xml",
  "text/xml",
  "text/plain",
] as const;

/** A root, and what of it may be looked at below `/public/`: as a page, HAL, feed or plain text, as the client likes it best. */
export function homeRoute(app: WebApp): void {
  const answer: ScopeHandler = async (scope, request, reply) => {
    reply.header("vary", "Accept");
    const type = negotiate(request.headers.accept, OFFERED);
    switch (type) {
      case undefined:
        return problem(request, reply, 406, `this address is served as ${OFFERED.join(", ")}`);
      case "text/html":
        return page(app, scope, request, reply);
      case "text/plain":
        return textDocument(app, scope).send(request, reply);
      case HAL:
      case "application/json":
        return halDocument(app, scope, type).send(request, reply);
      case "application/atom+xml":
        return (await feedDocument(app, scope, request, "atom")).send(request, reply);
      default:
        return (await feedDocument(app, scope, request, "rss")).send(request, reply);
    }
  };
  onBothRoots(app, "GET", "/", "read", answer);
  onBothRoots(app, "GET", "/index.html", "read", (scope, request, reply) => page(app, scope, request, reply));
  onBothRoots(app, "GET", "/public/", "look", answer);
  onBothRoots(app, "GET", "/public", "look", ({ base }, _request, reply) =>
    reply.redirect(`${base}/public/`, 308),
  );
  onServer(app, "GET", "/m/:instance", "read", ({ params, server }, reply) =>
    reply.redirect(
      `${server.mount}/m/${encodeURIComponent((params as { instance: string }).instance)}/`,
      308,
    ),
  );
}

/** The page that an operator has put in place of ours, or else ours. */
async function page(
  app: WebApp,
  scope: Scope,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  return (
    (await sendOwnFile(scope, "index.html", request, reply)) ??
    (await pageDocument(app, scope, queryOf(request))).send(request, reply)
  );
}
