import {
  type CommandHandler,
  type DrivenMonitorSpec,
  type Json,
  LifeguardError,
  type Logger,
  type Monitor,
  type MonitorSpec,
  type Monitors,
  type SelfDrivenMonitor,
  type SelfDrivenMonitorSpec,
} from "../../plugin/index.ts";
import { DrivenMonitor } from "./driven.ts";
import { Gate } from "./gate.ts";
import type { MonitorHost } from "./host.ts";
import type { MonitorParts } from "./monitor-parts.ts";
import type { RegisteredMonitor } from "./registered-monitor.ts";
import { BeatingMonitor } from "./self-driven.ts";
import { checkSpec, isDriven } from "./spec.ts";

/** Monitors that begin at once when a source registers many; the others follow at a steady rate. */
const BURST = 32;

/** Milliseconds between two beginnings beyond the burst. */
const START_GAP = 0.25;

/** Fewer silent monitors than this are dead ones; more than half, and this many, are a stalled source. */
const MANY = 10;

/** What all sources share. */
export type SharedParts = Omit<
  MonitorParts,
  "host" | "gate" | "defaultType" | "redact" | "startDelay" | "forget" | "onLag"
>;

/** How the monitors of one source, or of all, are doing. */
export interface MonitorStats {
  readonly registered: number;
  /** Probes under way. */
  readonly running: number;
  /** Probes that are due and wait for room. */
  readonly queued: number;
  /** Milliseconds by which runs began after they were due: the worst of the last seconds. */
  readonly lag: number;
  /** Deleted since the start for want of progress. */
  readonly reaped: number;
}

/** The monitors of one source instance, for one start of it. */
export class SourceMonitors implements Monitors {
  readonly #parts: MonitorParts;
  readonly #log: Logger;
  readonly #onStop: () => void;
  readonly #monitors = new Map<string, DrivenMonitor | BeatingMonitor>();
  readonly #bySubject = new Map<string, Set<DrivenMonitor | BeatingMonitor>>();
  readonly #gate = new Gate();
  #beating = 0;
  #startLine = Number.NEGATIVE_INFINITY;
  #reaped = 0;
  #lag = 0;
  #lagBefore = 0;
  #restarting = false;
  #stopped = false;

  /** @param onStop called once, when it has stopped */
  constructor(host: MonitorHost, shared: SharedParts, onStop: () => void) {
    this.#log = shared.log;
    this.#onStop = onStop;
    this.#parts = {
      ...shared,
      host,
      gate: this.#gate,
      defaultType: host.defaultType,
      redact: host.redact ?? ((text) => text),
      startDelay: () => this.#startDelay(),
      forget: (id) => this.#forget(id),
      onLag: (lag) => {
        if (lag > this.#lag) this.#lag = lag;
      },
    };
    host.signal.addEventListener("abort", () => this.stop(), { once: true });
    if (host.signal.aborted) this.stop();
  }

  limit(concurrent: number): void {
    if (!(Number.isInteger(concurrent) && concurrent >= 1))
      throw new LifeguardError(
        "MONITOR_INVALID",
        `expected a whole number of probes from 1, not ${concurrent}`,
      );
    this.#gate.limit(concurrent);
  }

  register(spec: DrivenMonitorSpec): Monitor;
  register(spec: SelfDrivenMonitorSpec): SelfDrivenMonitor;
  register(spec: MonitorSpec): Monitor {
    const { host } = this.#parts;
    checkSpec(spec);
    if (this.#monitors.has(spec.id))
      throw new LifeguardError("MONITOR_DUPLICATE", `source ${host.name} has a monitor "${spec.id}" already`);
    const monitor = isDriven(spec)
      ? new DrivenMonitor(spec, this.#parts)
      : new BeatingMonitor(spec, this.#parts);
    if (this.#stopped) {
      monitor.stop(this.#reason());
      return monitor;
    }
    this.#monitors.set(spec.id, monitor);
    const sharers = this.#bySubject.get(spec.subject);
    if (sharers) sharers.add(monitor);
    else this.#bySubject.set(spec.subject, new Set([monitor]));
    if (monitor instanceof BeatingMonitor) this.#beating += 1;
    monitor.begin();
    return monitor;
  }

  /** Ends all of them, without an event for each: the source stops. Idempotent. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    const monitors = [...this.#monitors.values()];
    this.#monitors.clear();
    this.#bySubject.clear();
    for (const monitor of monitors) monitor.stop(this.#reason());
    this.#onStop();
  }

  list(): readonly RegisteredMonitor[] {
    return [...this.#monitors.values()];
  }

  /** The monitors of a subject; mostly one. */
  find(subject: string): readonly RegisteredMonitor[] {
    return [...(this.#bySubject.get(subject) ?? [])];
  }

  /** Answers `run` for a subject whose monitor has a probe; undefined for anything else. */
  readonly command = (subject: string, name: string): CommandHandler | undefined => {
    if (name !== "run") return undefined;
    const monitor = this.find(subject).find(({ runnable }) => runnable);
    return monitor && (async ({ wait }) => (await monitor.run({ join: wait })) as unknown as Json);
  };

  stats(): MonitorStats {
    return {
      registered: this.#monitors.size,
      running: this.#gate.inside,
      queued: this.#gate.waiting,
      lag: Math.max(this.#lag, this.#lagBefore),
      reaped: this.#reaped,
    };
  }

  /**
   * Looks at every monitor; called every second or so.
   * @param now monotonic milliseconds
   * @param trusted monotonic milliseconds since which lifeguard has not stalled itself: silence from before does not count
   */
  check(now: number, trusted: number): void {
    const silent: BeatingMonitor[] = [];
    const stale: BeatingMonitor[] = [];
    for (const monitor of this.#monitors.values()) {
      if (monitor instanceof DrivenMonitor) {
        if (monitor.check(now, trusted)) this.#reaped += 1;
        continue;
      }
      const silence = monitor.silence(now, trusted);
      if (silence > monitor.staleAfter / 2) silent.push(monitor);
      if (silence > monitor.staleAfter) stale.push(monitor);
    }
    if (stale.length > 0) this.#reap(stale, silent, now, trusted);
  }

  /** Lets go of the worst lag but one period; called every few seconds. */
  rotate(): void {
    this.#lagBefore = this.#lag;
    this.#lag = 0;
  }

  /** The wall clock went ahead of monotonic time by so many milliseconds. */
  jumped(by: number): void {
    for (const monitor of this.#monitors.values()) if (monitor instanceof DrivenMonitor) monitor.jumped(by);
  }

  #reap(stale: BeatingMonitor[], silent: BeatingMonitor[], now: number, trusted: number): void {
    if (this.#restarting) return;
    const { host } = this.#parts;
    if (this.#most(stale)) {
      this.#restarting = true;
      const reason = `${stale.length} of ${this.#beating} monitors stopped beating together: the source is stalled`;
      this.#log.warn(`source ${host.name} is restarted: ${reason}`);
      host.restart(reason);
      return;
    }
    // When most have gone quiet, the first to be stale are held back for half their time: either the others follow, or they beat again.
    const hold = this.#most(silent);
    for (const monitor of stale) {
      if (hold && monitor.silence(now, trusted) <= 1.5 * monitor.staleAfter) continue;
      if (monitor.reap(now)) this.#reaped += 1;
    }
  }

  #reason(): unknown {
    const { signal, name } = this.#parts.host;
    return signal.aborted
      ? signal.reason
      : new LifeguardError("MONITOR_CLOSED", `source ${name} has stopped`);
  }

  #most(monitors: readonly BeatingMonitor[]): boolean {
    return monitors.length >= MANY && monitors.length > this.#beating / 2;
  }

  #startDelay(): number {
    const now = this.#parts.clock.monotonic();
    this.#startLine = Math.max(this.#startLine, now) + START_GAP;
    return Math.max(0, this.#startLine - now - BURST * START_GAP);
  }

  #forget(id: string): void {
    const monitor = this.#monitors.get(id);
    if (!monitor) return;
    this.#monitors.delete(id);
    const sharers = this.#bySubject.get(monitor.subject);
    sharers?.delete(monitor);
    if (sharers?.size === 0) this.#bySubject.delete(monitor.subject);
    if (monitor instanceof BeatingMonitor) this.#beating -= 1;
  }
}
