import fastify, { type FastifyInstance } from "fastify";
import { LifeguardError, type SinkContext } from "../../plugin/index.ts";
import { admit } from "./access/admit.ts";
import { decoratePrincipal } from "./access/request-principal.ts";
import { requireAccess } from "./access/route-access.ts";
import { PastChanges } from "./feeds/past-changes.ts";
import { crossSiteGuard } from "./guards/cross-site.ts";
import { hostGuard } from "./guards/host.ts";
import { SECURITY_HEADERS } from "./guards/security-headers.ts";
import type { Listen } from "./listen.ts";
import { decorateOrigin } from "./origin.ts";
import { problem } from "./problem.ts";
import { RepresentationCache } from "./representation-cache.ts";
import { assetsRoute } from "./routes/assets.ts";
import { eventsRoute } from "./routes/events.ts";
import { feedRoute } from "./routes/feed.ts";
import { haljsonRoute } from "./routes/haljson.ts";
import { healthRoutes } from "./routes/health.ts";
import { homeRoute } from "./routes/home.ts";
import { metricsRoute } from "./routes/metrics.ts";
import { publicRoute } from "./routes/public.ts";
import { runRoutes } from "./routes/run.ts";
import { serviceRoutes } from "./routes/service.ts";
import { Sites } from "./sites.ts";
import { EventClients } from "./sse/clients.ts";

/** Bounds of what one client can make us hold. */
const BODY_BYTES = 16 * 1024;
const PATH_SEGMENT = 4096;
const CONNECTIONS = 1000;
const REQUEST_TIME = 30_000;

/** Makes the server with all its routes; it does not listen yet. */
export function createServer({ host }: Listen, ctx: SinkContext): FastifyInstance {
  const http = fastify({
    logger: false,
    bodyLimit: BODY_BYTES,
    requestTimeout: REQUEST_TIME,
    forceCloseConnections: true,
    schemaController: { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } },
    routerOptions: { maxParamLength: PATH_SEGMENT },
    frameworkErrors: (_error, request, reply) =>
      problem(request, reply.headers(SECURITY_HEADERS), 400, "the address is badly encoded"),
  });
  http.server.maxConnections = CONNECTIONS;

  decorateOrigin(http, undefined);
  decoratePrincipal(http);
  requireAccess(http);
  const isOurs = hostGuard(host);
  const isCrossSite = crossSiteGuard();
  http.addHook("onRequest", async (request, reply) => {
    reply.headers(SECURITY_HEADERS);
    if (!isOurs(request.headers.host))
      return problem(request, reply, 421, "this server answers to localhost, 127.0.0.1 and [::1] only");
    if (request.method !== "GET" && request.method !== "HEAD" && isCrossSite(request))
      return problem(request, reply, 403, "requests from pages of other sites are refused");
    return admit(ctx.authorize, { kind: "local" }, request, reply);
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
    const told =
      error instanceof LifeguardError ? error.message : "something went wrong here; the log says more";
    return problem(request, reply, 500, told);
  });

  const clients = ctx.metrics.gauge({ name: "web_event_clients", help: "Clients that follow /events" });
  const app = {
    http,
    ctx,
    sites: new Sites(ctx, http.mount),
    cache: new RepresentationCache(),
    past: new PastChanges(ctx),
    started: new Date(ctx.clock.now()).toISOString(),
    isCrossSite,
  };
  homeRoute(app);
  haljsonRoute(app);
  feedRoute(app);
  publicRoute(app);
  serviceRoutes(app);
  runRoutes(app);
  metricsRoute(app);
  healthRoutes(app);
  assetsRoute(app);
  eventsRoute(app, new EventClients(ctx.clock, ctx.signal, (count) => clients.set(count)));
  return http;
}

/** No route has a schema, so what compiles them need not be loaded. */
function noSchemas(): never {
  throw new Error("routes of the web sink have no schemas");
}
