import type { FastifyReply, FastifyRequest } from "fastify";
import { problem } from "../problem.ts";
import type { Scope } from "../site.ts";
import type { WebApp } from "./web-app.ts";

/** Answers a request on one root; what it returns is the reply, or a promise of it. */
export type ScopeHandler = (
  scope: Scope,
  request: FastifyRequest,
  reply: FastifyReply,
) => FastifyReply | Promise<FastifyReply>;

/**
 * Registers a route on the bare root and on the root of every instance. An instance that does not exist is 404.
 * @param path begins with a slash
 */
export function onBothRoots(
  { http, site }: WebApp,
  method: "GET" | "POST",
  path: string,
  handler: ScopeHandler,
): void {
  for (const root of ["", "/m/:instance"])
    http.route({
      method,
      url: root + path,
      handler: async (request, reply) => {
        const { instance } = request.params as { instance?: string };
        const scope = site.scope(instance);
        return scope
          ? handler(scope, request, reply)
          : problem(request, reply, 404, "there is no such instance");
      },
    });
}
