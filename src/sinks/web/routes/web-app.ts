import type { FastifyInstance } from "fastify";
import type { SinkContext } from "../../../plugin/index.ts";
import type { PastChanges } from "../feeds/past-changes.ts";
import type { RepresentationCache } from "../representation-cache.ts";
import type { Site } from "../site.ts";

/** What every route stands on. */
export interface WebApp {
  readonly http: FastifyInstance;
  readonly ctx: SinkContext;
  readonly site: Site;
  readonly cache: RepresentationCache;
  readonly past: PastChanges;
  /** RFC 3339: since when this server runs. */
  readonly started: string;
}
