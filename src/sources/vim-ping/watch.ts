import type { Clock } from "../../plugin/index.ts";
import type { Finding } from "./finding.ts";
import type { HostWatch } from "./host-watch.ts";
import type { Looks } from "./looks.ts";
import type { Pings } from "./pings.ts";
import type { Vim } from "./vim.ts";

/** What looks at one VIM, round after round. */
export interface Watch {
  /** Begins. @param onFinding told of every round; must not throw */
  start(onFinding: (finding: Finding) => void): void;
  /** Looks once, out of turn. Rejects with the signal's reason. */
  once(signal: AbortSignal): Promise<Finding>;
  close(): void;
}

/** What a watch is made from. */
export interface WatchParts {
  readonly vim: Vim;
  readonly host: HostWatch;
  readonly pings: Pings;
  readonly looks: Looks;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}
