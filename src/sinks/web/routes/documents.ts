import type { FastifyRequest } from "fastify";
import { HAL, halMonitor, serviceId } from "../../../plugin/index.ts";
import { overview } from "../page/overview.ts";
import { titleOf } from "../page/words.ts";
import { plainText } from "../plain-text.ts";
import { Representation } from "../representation.ts";
import { rss } from "../rss.ts";
import { serviceUrls } from "../service-urls.ts";
import type { Scope } from "../site.ts";
import type { WebApp } from "./web-app.ts";

/** How long, in milliseconds, the relative times of a page may be behind. */
const AGE = 10_000;
/** Most items of a feed, and most changes looked through to find those of an instance. */
const ITEMS = 200;
const CHANGES = 1000;

/** A root as HAL. */
export function halDocument({ site, cache, ctx }: WebApp, scope: Scope, type: string = HAL): Representation {
  return cache.get(`hal ${type} ${scope.base}`, String(ctx.board.version), () => {
    const services = scope.states.map((state) => {
      const { status, interface: page } = serviceUrls(site, scope, state);
      const { title } = state.description;
      return {
        id: serviceId(state.subject),
        title,
        status: state.status === "ok" ? "OK" : "BAD",
        message: state.stale ?? state.message,
        links: { status, interface: page },
      };
    });
    const related = scope.related.map(({ href }) => href);
    return new Representation(
      type,
      JSON.stringify(halMonitor({ title: scope.title, related, services }, scope.base)),
    );
  });
}

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

/** A root as one line of text a service. */
export function textDocument({ cache, ctx }: WebApp, scope: Scope): Representation {
  return cache.get(
    `text ${scope.base}`,
    String(ctx.board.version),
    () => new Representation("text/plain; charset=utf-8", plainText(scope.states)),
  );
}

/** A root as a page. */
export function pageDocument({ site, cache, ctx }: WebApp, scope: Scope): Representation {
  const { board, health, clock } = ctx;
  const now = clock.now();
  const own = health.components().map(({ id, state, status, message }) => [id, state, status, message]);
  const version = JSON.stringify([board.version, Math.floor(now / AGE), health.configError(), own]);
  return cache.get(`page ${scope.base}`, version, () => {
    const page = overview({ site, scope, health, position: ctx.position(), now });
    return new Representation("text/html; charset=utf-8", page.toString());
  });
}
