import type { FastifyInstance, FastifyRequest } from "fastify";
import type { SinkContext } from "../../../plugin/index.ts";
import type { Doorkeeper } from "../access/doorkeeper.ts";
import type { PastChanges } from "../feeds/past-changes.ts";
import type { RepresentationCache } from "../representation-cache.ts";
import type { Sites } from "../sites.ts";

/** What every route stands on. */
export interface WebApp {
  readonly http: FastifyInstance;
  readonly ctx: SinkContext;
  /** Handlers take their scope from the request instead. */
  readonly sites: Sites;
  readonly doorkeeper: Doorkeeper;
  readonly cache: RepresentationCache;
  readonly past: PastChanges;
  /** RFC 3339: since when this server runs. */
  readonly started: string;
  /** Whether a page of another origin sent this request. */
  isCrossSite(request: FastifyRequest): boolean;
}
