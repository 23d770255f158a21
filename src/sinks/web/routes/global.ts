import type { FastifyReply, FastifyRequest } from "fastify";
import { globalDocument } from "../global-json.ts";
import { Representation } from "../representation.ts";
import type { Scope } from "../site.ts";
import type { WebApp } from "./web-app.ts";

/** Answers with a root's `monitor.global.json`, as later SlapOS clients ask for it. */
export function globalJson(
  { ctx }: WebApp,
  scope: Scope,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const whole = scope.instance === undefined ? undefined : scope.site.root().title;
  const document = globalDocument(scope, whole, ctx.clock.now());
  return new Representation("application/json", JSON.stringify(document)).send(request, reply);
}
