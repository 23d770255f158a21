import type { FastifyInstance, FastifyRequest } from "fastify";
import { mountOf } from "./base-url.ts";
import type { Proxies } from "./proxies.ts";

declare module "fastify" {
  interface FastifyInstance {
    /** Prefix of every URL: empty, or the path of `base_url` without a final slash. */
    readonly mount: string;
    /** The origin of `base_url`. */
    readonly publicOrigin: string | undefined;
    readonly proxies: Proxies;
  }
}

/** Tells a server where the world finds it. */
export function decorateOrigin(http: FastifyInstance, baseUrl: URL | undefined, proxies: Proxies): void {
  http.decorate("mount", mountOf(baseUrl));
  http.decorate("publicOrigin", baseUrl?.origin);
  http.decorate("proxies", proxies);
}

/** What absolute URLs begin with: the origin of `base_url`, or else the one that the client used. */
export function originOf(request: FastifyRequest): string {
  const { publicOrigin, proxies } = request.server;
  return publicOrigin ?? `${proxies.scheme(request.raw)}://${proxies.host(request.raw)}`;
}
