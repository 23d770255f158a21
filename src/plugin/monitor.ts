import type { Checkpoint, Measure } from "./event.ts";
import type { Json } from "./json.ts";
import type { Status } from "./status.ts";

/** When core runs a probe: every so many milliseconds, or by five cron fields in a time zone (IANA name; absent: the machine's). */
export type Schedule =
  | { readonly every: number }
  | { readonly cron: string; readonly timezone?: string | undefined };

/** What one look at the subject found. Hysteresis decides which status the event carries. */
export interface Observation {
  readonly status: Status;
  /** Event type; it must be among the definition's `events`. */
  readonly type: string;
  readonly state?: string | undefined;
  readonly message: string;
  readonly measures?: Readonly<Record<string, Measure>> | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly data?: Json | undefined;
  readonly checkpoint?: Checkpoint | undefined;
}

/** What each run of a probe is told. */
export interface ProbeRun {
  /** Aborts at the deadline, when the monitor is closed, and when the source stops. */
  readonly signal: AbortSignal;
  /** Why it runs. */
  readonly trigger: "start" | "schedule" | "command";
}

interface CommonSpec {
  /** Unique within the source instance; stable over restarts. */
  readonly id: string;
  /** The watched thing, `kind/name…`. Core emits `<kind>.registered`, `<kind>.unregistered` and `<kind>.monitor_deleted` for it. */
  readonly subject: string;
  /** Consecutive critical or warning observations before the status leaves ok. Absent: 1. */
  readonly fail_after?: number | undefined;
  /** Consecutive ok observations before it returns to ok. Absent: 1. */
  readonly recover_after?: number | undefined;
}

/**
 * A monitor that core drives: every run of the probe makes one event. It runs first when it is registered, in order of registration, then
 * at its due times; a due time that finds it still running or waiting for its turn is left out, and one that was missed is not made up for.
 */
export interface DrivenMonitorSpec extends CommonSpec {
  readonly schedule: Schedule;
  /** Deadline of one run in milliseconds; `signal` aborts then, and the run reads critical, or unknown when lifeguard itself stalled. */
  readonly timeout: number;
  /**
   * Largest random delay, in milliseconds, added to each due time but the first; never more than half of the interval. Absent: a tenth of
   * the interval, at most 1 s; 0 for cron.
   */
  readonly jitter?: number | undefined;
  /**
   * Looks once. Never called again before it has settled. An ordinary rejection reads `unknown`: it means that lifeguard could not measure.
   * Must settle soon after `signal` aborts; a monitor whose probe does not is force-deleted and made anew: only then, as an exception, is
   * it called again before it has settled. Where core speaks for the probe (a rejection, no result in time), the event's type is the one
   * last observed with that status, else the one last observed, else the first of the definition's `events`.
   */
  probe(run: ProbeRun): Promise<Observation>;
}

/** A monitor that its source drives, for streams, watches and thousands of pings. */
export interface SelfDrivenMonitorSpec extends CommonSpec {
  /** Without a beat for so many milliseconds it is reaped. */
  readonly stale_after: number;
  /** Glob of the subjects that read `unknown` when it is reaped. Absent: its own subject. */
  readonly covers?: string | undefined;
  /** Looks once, out of turn, for the command `run` and for `lifeguard check`; within `stale_after`. It counts as a beat and makes an event. */
  probe?(run: ProbeRun): Promise<Observation>;
}

/** What a source may register. */
export type MonitorSpec = DrivenMonitorSpec | SelfDrivenMonitorSpec;

/** A registered monitor. */
export interface Monitor {
  readonly id: string;
  readonly subject: string;
  /**
   * Aborts when it is closed or reaped, or the source stops; the reason says which (LifeguardError `MONITOR_CLOSED`, `MONITOR_STALE`). A
   * source re-registers a reaped one if the thing still exists. A driven monitor that core makes anew goes on under the same handle.
   */
  readonly signal: AbortSignal;
  /** Unregisters. Idempotent. */
  close(): void;
}

/** A monitor that its source drives. */
export interface SelfDrivenMonitor extends Monitor {
  /**
   * A beat, and the status seen. `details` is called only when an event is made: when the status that hysteresis lets through, or the
   * state, changes. Core notices a change of state by `state` alone, since asking `details` each time would cost more than the beat: give
   * it where states differ within one status (it then is the event's state).
   */
  observe(status: Status, details: () => Omit<Observation, "status">, state?: string): void;
}

/** The monitor manager, as a source sees it. */
export interface Monitors {
  /**
   * At most so many probes of this instance run at once; the others wait their turn. Absent: 16. A probe that has not settled 5 s after
   * its deadline gives up its place.
   */
  limit(concurrent: number): void;
  /**
   * Begins to monitor. Once the source has stopped, what it returns is closed already.
   * @throws LifeguardError `MONITOR_INVALID`, `MONITOR_DUPLICATE` for an id it has already, `SCHEDULE_INVALID` for its cron or time zone
   */
  register(spec: DrivenMonitorSpec): Monitor;
  register(spec: SelfDrivenMonitorSpec): SelfDrivenMonitor;
}
