import type { FastifyInstance, FastifyRequest } from "fastify";
import type { SinkContext } from "../../../plugin/index.ts";
import type { Doorkeeper } from "../access/doorkeeper.ts";
import type { PastChanges } from "../feeds/past-changes.ts";
import type { RowCache } from "../page/row-cache.ts";
import type { TitleOrder } from "../page/title-order.ts";
import type { DayCache } from "../past/day-cache.ts";
import type { LastDay } from "../past/last-day.ts";
import type { ServicePasts } from "../past/service-past.ts";
import type { RelatedMonitors } from "../related/related-monitors.ts";
import type { RepresentationCache } from "../representation-cache.ts";
import type { Revisions } from "../revisions.ts";
import type { Sites } from "../sites.ts";

/** What every route stands on. */
export interface WebApp {
  readonly http: FastifyInstance;
  readonly ctx: SinkContext;
  /** Handlers take their scope from the request instead. */
  readonly sites: Sites;
  readonly doorkeeper: Doorkeeper;
  readonly cache: RepresentationCache;
  readonly revisions: Revisions;
  /** The last days of every subject. */
  readonly days: DayCache;
  /** What the history says about one subject. */
  readonly pasts: ServicePasts;
  /** Uptime over the last 24 hours of many subjects. */
  readonly lastDay: LastDay;
  readonly order: TitleOrder;
  readonly related: RelatedMonitors;
  readonly rowCache: RowCache;
  readonly past: PastChanges;
  /** RFC 3339: since when this server runs. */
  readonly started: string;
  /** Whether a page of another origin sent this request. */
  isCrossSite(request: FastifyRequest): boolean;
}
