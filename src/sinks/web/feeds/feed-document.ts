import type { FastifyRequest } from "fastify";
import type { SubjectState } from "../../../plugin/index.ts";
import { originOf } from "../net/origin.ts";
import { Representation } from "../representation.ts";
import type { WebApp } from "../routes/web-app.ts";
import { serviceUrls } from "../service-urls.ts";
import type { Scope } from "../site.ts";
import { atom } from "./atom.ts";
import { ChangesOf, type FeedPlace } from "./changes-of.ts";
import { rss } from "./rss.ts";

/** How a feed may be written. */
export type FeedFormat = "rss" | "atom";

const FORMATS = {
  rss: { write: rss, type: "application/rss+xml; charset=utf-8", path: "/feed" },
  atom: { write: atom, type: "application/atom+xml; charset=utf-8", path: "/feed.atom" },
} as const;

/** The changes of a root as a feed. */
export async function feedDocument(
  app: WebApp,
  scope: Scope,
  request: FastifyRequest,
  format: FeedFormat,
): Promise<Representation> {
  const { write, type, path } = FORMATS[format];
  const place = { origin: originOf(request), page: `${scope.lists}/`, path: scope.lists + path };
  const changes = new ChangesOf({ scope, state: undefined }, app.ctx);
  const past = await app.past.of(changes.past);
  const version = `${app.ctx.board.version} ${app.ctx.silences.version} ${past.version}`;
  return app.cache.get(
    `${format} ${place.origin}${place.path} ${scope.site.audience}`,
    version,
    () => new Representation(type, write(changes.feed(past, place, app.started))),
  );
}

/** The changes of one service as a feed. */
export async function serviceFeedDocument(
  app: WebApp,
  scope: Scope,
  state: SubjectState,
  request: FastifyRequest,
  format: FeedFormat,
): Promise<Representation> {
  const { write, type } = FORMATS[format];
  const urls = serviceUrls(scope, state);
  const place: FeedPlace = { origin: originOf(request), page: urls.page, path: urls[format] };
  const changes = new ChangesOf({ scope, state }, app.ctx);
  const past = await app.past.of(changes.past);
  return new Representation(type, write(changes.feed(past, place, app.started)));
}
