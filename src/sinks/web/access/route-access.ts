import type { FastifyInstance } from "fastify";
import { LifeguardError, type Operation } from "../../../plugin/index.ts";

/** What a route needs: an operation that whoever asks may do, or nothing at all, not even to know who asks. */
export type RouteAccess = Operation | "anyone";

declare module "fastify" {
  interface FastifyContextConfig {
    access?: RouteAccess;
  }
}

/** Makes it impossible to register a route that does not say what it needs. */
export function requireAccess(http: FastifyInstance): void {
  http.addHook("onRoute", ({ url, config }) => {
    if (config?.access === undefined)
      throw new LifeguardError("ROUTE_ACCESS", `the route ${url} does not say who may use it`);
  });
}
