import type { FastifyRequest } from "fastify";
import { serviceId } from "../../../plugin/index.ts";
import { titleOf } from "../page/words.ts";
import { Representation } from "../representation.ts";
import type { WebApp } from "../routes/web-app.ts";
import { serviceUrls } from "../service-urls.ts";
import type { Scope } from "../site.ts";
import { rss } from "./rss.ts";

/** Most items of a feed, and most changes looked through to find those of an instance. */
const ITEMS = 200;
const CHANGES = 1000;

/** The changes of a root as RSS. */
export function feedDocument(
  { site, cache, ctx }: WebApp,
  scope: Scope,
  request: FastifyRequest,
): Representation {
  const origin = `http://${request.headers.host}`;
  const path = `${scope.base}/feed`;
  return cache.get(`rss ${origin}${path}`, String(ctx.board.version), () => {
    const items = [];
    for (const envelope of ctx.board.changes(scope.instance === undefined ? ITEMS : CHANGES)) {
      const { event } = envelope;
      const state = ctx.board
        .find(event.subject)
        .find(({ origin, source }) => origin === event.origin && source === event.source);
      if (scope.instance !== undefined && (state?.instance ?? event.source) !== scope.instance) continue;
      items.push({
        envelope,
        title: state ? titleOf(state) : serviceId(event.subject),
        link: state && origin + serviceUrls(site, scope, state).page,
      });
      if (items.length === ITEMS) break;
    }
    const feed = { title: scope.title, link: `${origin}${scope.base}/`, self: origin + path, items };
    return new Representation("application/rss+xml; charset=utf-8", rss(feed));
  });
}
