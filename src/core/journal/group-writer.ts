import type { Drop } from "./port.ts";
import type { Slice } from "./slice.ts";
import type { Footprint } from "./store.ts";

/** Where groups are written. At most one commit is under way. */
export interface GroupWriter {
  /** Milliseconds that a group waits for company before it is committed. */
  readonly window: number;
  /** How large a group may grow, in events, while another one is being committed. */
  readonly maxEvents: number;
  /** Adds to the group being formed. */
  apply(slice: Slice): void;
  /**
   * Commits what was applied since the last commit.
   * @param now wall-clock milliseconds, for retention
   * @throws when it failed: nothing of it is written, and everything is ignored until `reset`
   */
  commit(now: number): Promise<Footprint>;
  /** Makes a failed writer ready to be given everything again from the group that failed. */
  reset(): Promise<void>;
  /** Looks for something to prune. */
  maintain(now: number): void;
  pin(sinks: ReadonlySet<string>, now: number): void;
  /** Empties the log and closes every handle. */
  close(): Promise<void>;
  /** Closes without waiting for what is under way. */
  kill(): Promise<void>;
}

/** Told after each step of pruning. */
export type OnPruned = (footprint: Footprint, drops: readonly Drop[]) => void;
