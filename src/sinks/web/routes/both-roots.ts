import type { FastifyReply, FastifyRequest } from "fastify";
import type { Operation } from "../../../plugin/index.ts";
import { principalOf } from "../access/request-principal.ts";
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
 * Registers a route on the bare root and on the root of every instance. Its scope holds what whoever asks may do the operation on, so
 * that what is forbidden looks like what does not exist. An instance that is not there is 404.
 * @param path begins with a slash
 * @param operation `look` is open to everybody, with what is public in its scope; every other is refused at once to who may not do it
 */
export function onBothRoots(
  { http, sites }: Pick<WebApp, "http" | "sites">,
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
  path: string,
  operation: Operation,
  handler: ScopeHandler,
): void {
  for (const root of ["", "/m/:instance"])
    http.route({
      method,
      url: root + path,
      config: { access: operation },
      handler: async (request, reply) => {
        const { instance } = request.params as { instance?: string };
        const scope = sites.of(principalOf(request), operation).scope(instance);
        return scope
          ? handler(scope, request, reply)
          : problem(request, reply, 404, "there is no such instance");
      },
    });
}
