import type { FastifyReply, FastifyRequest } from "fastify";
import type { Authorize, Principal } from "../../../plugin/index.ts";
import { challenge, problem } from "../problem.ts";

/**
 * Refuses what a request's route does not allow to whoever sends it. `look` goes on for everybody, as the route's scope holds only what
 * they may look at. An address without a route needs what a list of everything would.
 * @returns the reply if it was refused
 */
export async function admit(
  authorize: Authorize,
  principal: Principal,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply | undefined> {
  request.principal = principal;
  const access = request.routeOptions.config.access ?? "read";
  if (access === "anyone" || access === "look" || authorize(principal, access, null)) return undefined;
  return principal.kind === "anonymous"
    ? challenge(request, reply)
    : problem(request, reply, 404, "there is nothing here");
}
