import fastify, { type FastifyInstance } from "fastify";
import { LifeguardError, type SinkContext } from "../../plugin/index.ts";
import { admit } from "./access/admit.ts";
import type { Doorkeeper } from "./access/doorkeeper.ts";
import { decoratePrincipal, principalOf } from "./access/request-principal.ts";
import { requireAccess } from "./access/route-access.ts";
import type { WebConfig } from "./config.ts";
import { PastChanges } from "./feeds/past-changes.ts";
import { allowPages, trustedPages } from "./guards/cors.ts";
import { crossSiteGuard } from "./guards/cross-site.ts";
import { countHosts, hostGuard } from "./guards/host.ts";
import { SECURITY_HEADERS } from "./guards/security-headers.ts";
import { endUnreadBodies } from "./guards/unread-body.ts";
import { mountOf, withoutMount } from "./net/base-url.ts";
import { decorateOrigin } from "./net/origin.ts";
import { Proxies } from "./net/proxies.ts";
import { parseTarget } from "./net/request-target.ts";
import { RowCache } from "./page/row-cache.ts";
import { TitleOrder } from "./page/title-order.ts";
import { DayCache } from "./past/day-cache.ts";
import { LastDay } from "./past/last-day.ts";
import { ServicePasts } from "./past/service-past.ts";
import { problem } from "./problem.ts";
import type { RelatedMonitors } from "./related/related-monitors.ts";
import { RepresentationCache } from "./representation-cache.ts";
import { Revisions } from "./revisions.ts";
import { assetsRoute } from "./routes/assets.ts";
import { badgeRoutes } from "./routes/badge.ts";
import { eventsRoute } from "./routes/events.ts";
import { feedRoute } from "./routes/feed.ts";
import { haljsonRoute } from "./routes/haljson.ts";
import { healthRoutes } from "./routes/health.ts";
import { homeRoute } from "./routes/home.ts";
import { logoutRoutes } from "./routes/logout.ts";
import { metricsRoute } from "./routes/metrics.ts";
import { opmlRoute } from "./routes/opml.ts";
import { ownAssetsRoutes } from "./routes/own-assets.ts";
import { privateRoute } from "./routes/private.ts";
import { publicRoute } from "./routes/public.ts";
import { relatedRoute } from "./routes/related.ts";
import { runRoutes } from "./routes/run.ts";
import { serviceRoutes } from "./routes/service.ts";
import { statusRoute } from "./routes/status.ts";
import { summaryRoutes } from "./routes/summary.ts";
import { Sites } from "./sites.ts";
import { EventClients } from "./sse/clients.ts";

/** Bounds of what one client can make us hold. */
const BODY_BYTES = 16 * 1024;
const PATH_SEGMENT = 4096;

/** What works beside the server as long as it does. */
export interface ServerParts {
  readonly doorkeeper: Doorkeeper;
  readonly related: RelatedMonitors;
}

/** Makes the server with all its routes; what listens hands its requests to `routing`. */
export function createServer(
  config: WebConfig,
  { doorkeeper, related }: ServerParts,
  ctx: SinkContext,
): FastifyInstance {
  const { listen, base_url: baseUrl, hosts, proxies, cors } = config;
  const mount = mountOf(baseUrl);
  const http = fastify({
    logger: false,
    bodyLimit: BODY_BYTES,
    rewriteUrl: ({ url = "/" }) => withoutMount(parseTarget(url)?.path ?? url, mount),
    schemaController: { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } },
    routerOptions: { maxParamLength: PATH_SEGMENT },
    frameworkErrors: (_error, request, reply) =>
      problem(request, reply.headers(SECURITY_HEADERS), 400, "the address is badly encoded"),
  });
  const isOurs = hostGuard({
    addresses: listen.map(({ host }) => host),
    names: [...hosts, ...(baseUrl ? [baseUrl.hostname] : [])],
  });
  decorateOrigin(http, baseUrl, new Proxies(proxies, isOurs));
  decoratePrincipal(http);
  requireAccess(http);
  const isTrusted = trustedPages(cors);
  const isCrossSite = crossSiteGuard(isTrusted);
  http.addHook("onRequest", async (request, reply) => {
    reply.headers(SECURITY_HEADERS);
    const target = parseTarget(request.originalUrl);
    if (!target) return problem(request, reply, 400, "an address here is a path, or a whole URL");
    if (countHosts(request.raw) > 1) return problem(request, reply, 400, "a request has one Host");
    if (!isOurs(request.headers.host) || !isOurs(target.authority ?? request.headers.host))
      return problem(
        request,
        reply,
        421,
        "this server does not answer to that name: its options hosts and base_url say which it has",
      );
  });
  if (cors.length > 0) allowPages(http, isTrusted);
  endUnreadBodies(http);
  http.addHook("onRequest", async (request, reply) => {
    if (request.method !== "GET" && request.method !== "HEAD" && isCrossSite(request))
      return problem(request, reply, 403, "requests from pages of other sites are refused");
    return admit(doorkeeper, ctx.authorize, request, reply);
  });

  http.removeAllContentTypeParsers();
  http.addContentTypeParser(
    "application/x-www-form-urlencoded",
    { parseAs: "string" },
    (_request, body, done) => {
      done(null, new URLSearchParams(body as string));
    },
  );

  http.setNotFoundHandler((request, reply) =>
    request.method === "GET" || request.method === "HEAD"
      ? problem(request, reply, 404, "there is nothing here")
      : problem(request, reply.header("allow", "GET, HEAD"), 405, "this address is only read"),
  );
  http.setErrorHandler((error, request, reply) => {
    const status = (error as { statusCode?: number }).statusCode ?? 500;
    if (status < 500) return problem(request, reply, status, (error as Error).message);
    ctx.log.error("a request failed", { url: request.url, err: error });
    const why = error instanceof LifeguardError && ctx.authorize(principalOf(request), "operate", null);
    return problem(request, reply, 500, why ? error.message : "something went wrong here; the log says more");
  });

  const clients = ctx.metrics.gauge({ name: "web_event_clients", help: "Clients that follow /events" });
  const days = new DayCache(ctx);
  const app = {
    http,
    ctx,
    sites: new Sites(ctx, mount, related.configured),
    related,
    cache: new RepresentationCache(),
    revisions: new Revisions(ctx),
    days,
    pasts: new ServicePasts(ctx),
    lastDay: new LastDay(ctx, days),
    order: new TitleOrder(),
    rowCache: new RowCache(),
    past: new PastChanges(ctx),
    started: new Date(ctx.clock.now()).toISOString(),
    isCrossSite,
    doorkeeper,
  };
  homeRoute(app);
  haljsonRoute(app);
  feedRoute(app);
  opmlRoute(app);
  publicRoute(app);
  privateRoute(app);
  ownAssetsRoutes(app);
  logoutRoutes(app);
  serviceRoutes(app);
  relatedRoute(app);
  runRoutes(app);
  metricsRoute(app);
  healthRoutes(app);
  statusRoute(app);
  badgeRoutes(app);
  summaryRoutes(app);
  assetsRoute(app);
  const followers = new EventClients(ctx.clock, ctx.signal, (count) => clients.set(count));
  const changes = related.changes.subscribe(() => followers.tell("related"));
  http.addHook("onClose", async () => changes.unsubscribe());
  eventsRoute(app, followers);
  return http;
}

/** No route has a schema, so what compiles them need not be loaded. */
function noSchemas(): never {
  throw new Error("routes of the web sink have no schemas");
}
