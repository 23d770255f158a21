import type { FastifyReply } from "fastify";
import { type FeedFormat, feedDocument, serviceFeedDocument } from "../feeds/feed-document.ts";
import { onBothRoots } from "./both-roots.ts";
import { oneService, type ServiceRequest } from "./service.ts";
import type { WebApp } from "./web-app.ts";

/** Where a root's feeds are, and the spellings of later SlapOS clients. */
const PATHS = [
  ["/feed", "rss", "read"],
  ["/public/feed", "rss", "look"],
  ["/feed.atom", "atom", "read"],
  ["/public/feed.atom", "atom", "look"],
] as const;

/** The changes of a root as RSS and as Atom. */
export function feedRoute(app: WebApp): void {
  for (const [path, format, operation] of PATHS)
    onBothRoots(app, "GET", path, operation, async (scope, request, reply) =>
      (await feedDocument(app, scope, request, format)).send(request, reply),
    );
}

/** Answers with the changes of one service. */
export async function serviceFeed(asked: ServiceRequest, format: FeedFormat): Promise<FastifyReply> {
  const { app, scope, request, reply } = asked;
  return oneService(
    asked,
    (urls) => urls[format],
    async (state) => (await serviceFeedDocument(app, scope, state, request, format)).send(request, reply),
  );
}
