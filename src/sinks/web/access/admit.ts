import type { FastifyReply, FastifyRequest } from "fastify";
import type { Authorize } from "../../../plugin/index.ts";
import { challenge, problem } from "../problem.ts";
import type { Doorkeeper } from "./doorkeeper.ts";

/**
 * Finds out who sends a request, and refuses what its route does not allow them. `look` goes on for everybody, as the route's scope holds
 * only what they may look at. An address without a route needs what a list of everything would.
 * @returns the reply if it was refused
 */
export async function admit(
  doorkeeper: Doorkeeper,
  authorize: Authorize,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply | undefined> {
  const access = request.routeOptions.config.access ?? "read";
  if (access === "anyone") {
    request.principal = doorkeeper.stranger;
    return undefined;
  }
  const identity = await doorkeeper.identify(request);
  if (identity.kind === "known") request.principal = identity.principal;
  // What is shown to one user is for no proxy to keep.
  if (request.principal?.kind === "user") reply.header("cache-control", "private, no-cache");
  if (identity.kind === "later")
    return problem(
      request,
      reply.header("retry-after", String(identity.retry)),
      429,
      "too many logins failed or are being checked: try again later",
    );
  if (identity.kind === "wrong") return challenge(request, reply, "the name or the password is wrong");
  if (access === "look" || authorize(identity.principal, access, null)) return undefined;
  return identity.principal.kind === "anonymous"
    ? challenge(request, reply)
    : problem(request, reply, 404, "there is nothing here");
}
