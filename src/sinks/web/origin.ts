import type { FastifyInstance, FastifyRequest } from "fastify";

declare module "fastify" {
  interface FastifyInstance {
    /** Prefix of every URL: empty, or the path of `base_url` without a final slash. */
    readonly mount: string;
    /** The origin of `base_url`. */
    readonly publicOrigin: string | undefined;
  }
}

/** Tells a server where the world finds it. */
export function decorateOrigin(http: FastifyInstance, baseUrl: URL | undefined): void {
  http.decorate("mount", baseUrl?.pathname.replace(/\/+$/, "") ?? "");
  http.decorate("publicOrigin", baseUrl?.origin);
}

/** What absolute URLs begin with: the origin of `base_url`, or else the one that the client used. */
export function originOf(request: FastifyRequest): string {
  return request.server.publicOrigin ?? `${request.protocol}://${request.headers.host}`;
}
