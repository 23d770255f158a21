import { HAL } from "../../../plugin/index.ts";
import { feedDocument } from "../feeds/feed-document.ts";
import { negotiate } from "../negotiate.ts";
import { pageDocument } from "../page/page-document.ts";
import { problem } from "../problem.ts";
import { onBothRoots } from "./both-roots.ts";
import { halDocument, textDocument } from "./documents.ts";
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

/** A root, as a page, HAL, feed or plain text, as the client likes it best. */
export function homeRoute(app: WebApp): void {
  onBothRoots(app, "GET", "/", async (scope, request, reply) => {
    reply.header("vary", "Accept");
    const type = negotiate(request.headers.accept, OFFERED);
    switch (type) {
      case undefined:
        return problem(request, reply, 406, `this address is served as ${OFFERED.join(", ")}`);
      case "text/html":
        return pageDocument(app, scope).send(request, reply);
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
  });
  app.http.get("/m/:instance", async ({ params }, reply) =>
    reply.redirect(`/m/${encodeURIComponent((params as { instance: string }).instance)}/`, 308),
  );
}
