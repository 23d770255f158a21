import type { Clock, Logger } from "../../plugin/index.ts";
import type { MonitorHost } from "./host.ts";
import type { RegisteredMonitor } from "./registered-monitor.ts";
import { CronCache } from "./schedule.ts";
import { type MonitorStats, type SharedParts, SourceMonitors } from "./source-monitors.ts";
import { StallMeter } from "./stall-meter.ts";
import { type Alarm, Wheel } from "./wheel.ts";

/** How often, in milliseconds, every monitor is looked at, and the wall clock compared with monotonic time. */
const CHECK = 1000;

/** Checks after which the worst lag is forgotten, one period later. */
const LAG_PERIOD = 10;

/** Milliseconds that wall time may gain or lose on monotonic time before dues are computed anew. */
const JUMP = 500;

/** Milliseconds that lifeguard itself may stall between two checks and still believe that silence means something. */
const STALL = 500;

/** What a monitor manager is made from. */
export interface MonitorManagerOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** Registers, but never runs anything by itself: for looking at a configuration, and for running one monitor once. */
  readonly idle?: boolean | undefined;
  /** Between 0 and 1, for jitter. Absent: `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** All monitors of the process: one wheel, one periodic check, one set of numbers. */
export class MonitorManager {
  readonly #clock: Clock;
  readonly #stall = new StallMeter();
  readonly #shared: SharedParts;
  readonly #sources = new Map<MonitorHost, SourceMonitors>();
  readonly #check: Alarm;
  #checks = 0;
  #reaped = 0;
  #offset = 0;
  #stalledBefore = 0;
  #trusted = Number.NEGATIVE_INFINITY;

  constructor({ clock, log, idle = false, random = Math.random }: MonitorManagerOptions) {
    this.#clock = clock;
    const wheel = new Wheel({
      clock,
      onError: (error) => log.error("a monitor failed inside lifeguard", { error }),
      onWake: this.#stall.wake,
    });
    this.#shared = { clock, wheel, stall: this.#stall, crons: new CronCache(), log, idle, random };
    this.#check = wheel.alarm(() => this.#look());
  }

  /** Makes the `monitors` of one start of a source. They end with the host's signal, or by `stop`. */
  forSource(host: MonitorHost): SourceMonitors {
    const monitors = new SourceMonitors(host, this.#shared, () => this.#leave(host));
    if (host.signal.aborted) return monitors;
    this.#sources.set(host, monitors);
    if (!this.#check.pending) {
      this.#offset = this.#clock.now() - this.#clock.monotonic();
      this.#check.set(CHECK);
    }
    return monitors;
  }

  /** Every monitor, by source in order of registration. */
  list(): readonly RegisteredMonitor[] {
    return [...this.#sources.values()].flatMap((monitors) => monitors.list());
  }

  /** The monitors of a subject, of all sources. */
  find(subject: string): readonly RegisteredMonitor[] {
    return [...this.#sources.values()].flatMap((monitors) => monitors.find(subject));
  }

  /** How all monitors together are doing. */
  stats(): MonitorStats {
    let [registered, running, queued, lag, reaped] = [0, 0, 0, 0, this.#reaped];
    for (const monitors of this.#sources.values()) {
      const stats = monitors.stats();
      registered += stats.registered;
      running += stats.running;
      queued += stats.queued;
      lag = Math.max(lag, stats.lag);
      reaped += stats.reaped;
    }
    return { registered, running, queued, lag, reaped };
  }

  #leave(host: MonitorHost): void {
    this.#reaped += this.#sources.get(host)?.stats().reaped ?? 0;
    this.#sources.delete(host);
    if (this.#sources.size === 0) this.#check.cancel();
  }

  #look(): void {
    this.#check.set(CHECK);
    this.#checks += 1;
    const now = this.#clock.monotonic();
    if (this.#stall.total - this.#stalledBefore > STALL) this.#trusted = now;
    this.#stalledBefore = this.#stall.total;
    const offset = this.#clock.now() - now;
    const jump = offset - this.#offset;
    const jumped = Math.abs(jump) > JUMP;
    if (jumped) this.#offset = offset;
    for (const monitors of this.#sources.values()) {
      if (jumped) monitors.jumped(jump);
      monitors.check(now, this.#trusted);
      if (this.#checks % LAG_PERIOD === 0) monitors.rotate();
    }
  }
}
