import type { Logger } from "../../plugin/index.ts";
import type { MonitorHost } from "./host.ts";
import type { ProberParts } from "./prober.ts";
import type { CronCache } from "./schedule.ts";

/** What the monitors of one source share. */
export interface MonitorParts extends ProberParts {
  readonly host: MonitorHost;
  readonly log: Logger;
  readonly crons: CronCache;
  /** Between 0 and 1, for jitter. */
  readonly random: () => number;
  /** Registers, but never runs anything by itself. */
  readonly idle: boolean;
  /** Milliseconds until a new monitor of this source may begin. */
  startDelay(): number;
  /** Takes a closed monitor off the source's list. */
  forget(id: string): void;
}
