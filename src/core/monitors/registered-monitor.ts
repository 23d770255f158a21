import type { Measure, Schedule, Status } from "../../plugin/index.ts";

/** What one look out of turn found. */
export interface RunReport {
  /** As the probe saw it; the event carries what hysteresis lets through. */
  readonly status: Status;
  readonly state: string;
  readonly message: string;
  readonly measures: Readonly<Record<string, Measure>>;
  readonly durationMs: number;
}

/** How somebody waits for a look out of turn. */
export interface RunOptions {
  /** Joins a run under way instead of refusing. Absent: true. */
  readonly join?: boolean | undefined;
}

/** A monitor as core, its commands and its command line see it. */
export interface RegisteredMonitor {
  /** The source instance. */
  readonly source: string;
  readonly id: string;
  readonly subject: string;
  /** Null for a monitor that its source drives. */
  readonly schedule: Schedule | null;
  /** Milliseconds; null for a monitor that core drives. */
  readonly staleAfter: number | null;
  readonly phase: "idle" | "queued" | "running";
  /** Whether it has a probe to run. */
  readonly runnable: boolean;
  /**
   * Looks once, out of turn, ahead of all who wait; its schedule is not touched.
   * @throws LifeguardError `COMMAND_BUSY` when a run is under way that cannot be joined, `COMMAND_UNKNOWN` without a probe
   */
  run(options?: RunOptions): Promise<RunReport>;
  /** The next times it would run; none for a monitor that its source drives. */
  upcoming(count: number): Date[];
}
