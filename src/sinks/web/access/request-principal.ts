import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Principal } from "../../../plugin/index.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Who asks; null until that was found out. */
    principal: Principal | null;
  }
}

const ANONYMOUS: Principal = { kind: "anonymous" };

/** Gives every request of a server a place for its principal. */
export function decoratePrincipal(http: FastifyInstance): void {
  http.decorateRequest("principal", null);
}

/** Who asks. A request that was refused before that was found out is nobody's. */
export function principalOf(request: FastifyRequest): Principal {
  return request.principal ?? ANONYMOUS;
}
