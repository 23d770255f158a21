import type { Metrics } from "../../plugin/index.ts";
import type { Untold } from "./book.ts";
import type { Change } from "./change.ts";

/** Why a change was never told. */
export type LossReason = "full" | "refused" | "expired";

/** The sink's metrics. */
export interface Tally {
  /** A message was told, and with it these changes. */
  told(changes: readonly Change[]): void;
  /** A try failed. */
  failed(): void;
  /** Changes will never be told. */
  lost(count: number, reason: LossReason): void;
  /** An episode was told to nobody, as it should be. */
  untold(reason: Untold): void;
  /** So many changes wait to be told. */
  owed(count: number): void;
}

/** Declares the sink's metrics, and starts the counters at zero so that they can be seen before anything happened. */
export function notifyTally(metrics: Metrics): Tally {
  const messages = metrics.counter({ name: "notify_messages_total", help: "Messages that were told" });
  const changes = metrics.counter({
    name: "notify_changes_total",
    help: "Changes that were told, by kind",
    labels: ["kind"],
  });
  const failures = metrics.counter({ name: "notify_failures_total", help: "Tries to tell that failed" });
  const losses = metrics.counter({
    name: "notify_lost_total",
    help: "Changes that will never be told, by reason",
    labels: ["reason"],
  });
  const untold = metrics.counter({
    name: "notify_untold_total",
    help: "Episodes told to nobody: brief ones were over within `after`, silenced ones within a silence",
    labels: ["reason"],
  });
  const owed = metrics.gauge({ name: "notify_owed_changes", help: "Changes that wait to be told" });
  messages.add(0);
  failures.add(0);
  for (const kind of ["down", "worse", "reminder", "recovered", "retired"]) changes.add(0, { kind });
  for (const reason of ["full", "refused", "expired"]) losses.add(0, { reason });
  for (const reason of ["brief", "silenced"]) untold.add(0, { reason });
  return {
    told(all) {
      messages.add();
      for (const { kind } of all) changes.add(1, { kind });
    },
    failed: () => failures.add(),
    lost: (count, reason) => losses.add(count, { reason }),
    untold: (reason) => untold.add(1, { reason }),
    owed: (count) => owed.set(count),
  };
}
