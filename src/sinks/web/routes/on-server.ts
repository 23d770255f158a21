import type { FastifyReply, FastifyRequest } from "fastify";
import type { RouteAccess } from "../access/route-access.ts";
import type { WebApp } from "./web-app.ts";

/**
 * Registers a route that belongs to the server and to none of its roots.
 * @param access what it needs; `anyone` for what tells nothing of what is watched
 */
export function onServer(
  { http }: Pick<WebApp, "http">,
  method: "GET" | "POST",
  path: string,
  access: RouteAccess,
  handler: (request: FastifyRequest, reply: FastifyReply) => FastifyReply | Promise<FastifyReply>,
): void {
  http.route({
    method,
    url: path,
    config: { access },
    handler: async (request, reply) => handler(request, reply),
  });
}
