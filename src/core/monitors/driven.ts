import { type DrivenMonitorSpec, LifeguardError, type Monitor, type Schedule } from "../../plugin/index.ts";
import { LazyAbort } from "./lazy-abort.ts";
import type { MonitorParts } from "./monitor-parts.ts";
import { GRACE, Prober } from "./prober.ts";
import type { RegisteredMonitor, RunOptions, RunReport } from "./registered-monitor.ts";
import { reportOf } from "./report.ts";
import { upcoming } from "./schedule.ts";
import { seconds } from "./seconds.ts";
import { CronTimetable, IntervalTimetable, type Timetable } from "./timetable.ts";
import { Voice } from "./voice.ts";
import type { Alarm } from "./wheel.ts";

/** Largest jitter, in milliseconds, that core chooses by itself. */
const JITTER = 1000;

/** Milliseconds beyond due time and jitter from which a monitor counts as overdue, with many others, and is spread. */
const OVERDUE = 1000;

/** A monitor that core drives: its due times, its probe, its events. */
export class DrivenMonitor implements Monitor, RegisteredMonitor {
  readonly id: string;
  readonly subject: string;
  readonly source: string;
  readonly schedule: Schedule;
  readonly staleAfter = null;
  readonly runnable = true;
  readonly #spec: DrivenMonitorSpec;
  readonly #parts: MonitorParts;
  readonly #voice: Voice;
  readonly #prober: Prober;
  readonly #timetable: Timetable;
  readonly #abort = new LazyAbort();
  readonly #alarm: Alarm;
  /** Monotonic time that the alarm is set to. */
  #target = 0;
  #announced = false;
  #begun = false;
  #closed = false;
  #overdue = false;

  /** @throws LifeguardError `SCHEDULE_INVALID` */
  constructor(spec: DrivenMonitorSpec, parts: MonitorParts) {
    const { clock, crons, host, log } = parts;
    this.id = spec.id;
    this.subject = spec.subject;
    this.source = host.name;
    this.schedule = spec.schedule;
    this.#spec = spec;
    this.#parts = parts;
    this.#timetable =
      "cron" in spec.schedule
        ? new CronTimetable(crons.times(spec.schedule.cron, spec.schedule.timezone), clock)
        : new IntervalTimetable(spec.schedule.every, clock);
    this.#voice = new Voice(spec, host, log);
    this.#prober = new Prober(parts, {
      subject: spec.subject,
      timeout: spec.timeout,
      probe: (run) => spec.probe(run),
      onOutcome: ({ observation, by }) => this.#voice.report(observation, by),
    });
    this.#alarm = parts.wheel.alarm(() => this.#rang());
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get phase(): RegisteredMonitor["phase"] {
    return this.#prober.phase;
  }

  /** Tells of it and lets it begin. Call once. */
  begin(): void {
    const delay = this.#parts.idle ? 0 : this.#parts.startDelay();
    if (delay === 0) this.#announce();
    if (this.#parts.idle) return;
    this.#target = this.#parts.clock.monotonic() + delay;
    // At once, but not before `register` has returned to its caller.
    if (delay === 0) queueMicrotask(() => this.#rang());
    else this.#alarm.set(delay);
  }

  async run({ join = true }: RunOptions = {}): Promise<RunReport> {
    return reportOf(await this.#prober.runNow(join));
  }

  upcoming(count: number): Date[] {
    return upcoming(this.schedule, count, this.#parts.clock);
  }

  /**
   * Looks whether it makes progress. A probe that hangs is let go of, and the monitor made anew. Returns whether that happened.
   * @param trusted monotonic milliseconds before which silence does not count
   */
  check(now: number, trusted: number): boolean {
    const since = this.#prober.runningSince;
    if (since === undefined) return false;
    const silent = now - Math.max(since, trusted);
    if (silent <= this.#spec.timeout + GRACE) return false;
    const interval = this.#timetable.interval();
    if (silent <= Math.max(3 * interval, interval + this.#spec.timeout + GRACE)) return false;
    const reason = `its probe has not ended for ${seconds(silent)}`;
    this.#prober.abandon(new LifeguardError("MONITOR_STUCK", reason));
    this.#voice.tell("monitor_deleted", `monitor ${this.id} deleted and made anew: ${reason}`, {
      monitor: this.id,
      reason,
    });
    this.#overdue = false;
    this.#prober.start("schedule", now);
    return true;
  }

  /** The wall clock went ahead of monotonic time by so many milliseconds. */
  jumped(by: number): void {
    if (!this.#begun) return;
    const wait = this.#timetable.jumped(by);
    if (wait === undefined) return;
    this.#overdue = false;
    if (wait === 0) this.#spread();
    else this.#wait(wait + this.#jitter());
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#parts.forget(this.id);
    this.#announce();
    this.#voice.tell("unregistered", `monitor ${this.id} unregistered`);
    this.#end(new LifeguardError("MONITOR_CLOSED", `monitor ${this.id} was closed`), false);
  }

  /** Ends it without a word, because the whole source stops. */
  stop(reason: unknown): void {
    this.#closed = true;
    this.#end(reason, true);
  }

  /** The signal aborts last: whoever listens may register the same again. */
  #end(reason: unknown, final: boolean): void {
    this.#alarm.cancel();
    this.#prober.close(reason, final);
    this.#abort.abort(reason);
  }

  #announce(): void {
    if (this.#announced) return;
    this.#announced = true;
    this.#voice.tell("registered", `monitor ${this.id} registered`);
  }

  #rang(): void {
    if (this.#closed) return;
    const due = this.#target;
    const first = !this.#begun;
    if (first) {
      this.#begun = true;
      this.#announce();
      this.#timetable.begin();
    }
    const late = this.#timetable.lateness();
    if (late > OVERDUE + this.#jitterLimit() && !this.#overdue) {
      this.#spread();
      return;
    }
    this.#overdue = false;
    // Set before the probe runs: it may close its monitor.
    this.#wait(this.#timetable.advance() + this.#jitter());
    // A run that is still queued or under way stands for this one too.
    if (late >= 0) this.#prober.start(first ? "start" : "schedule", due);
  }

  /** Many are overdue together after a stall or a sleep: each runs once, at a moment of its own. */
  #spread(): void {
    this.#overdue = true;
    this.#wait(this.#parts.random() * Math.min(this.#timetable.interval() / 10, JITTER));
  }

  #wait(ms: number): void {
    this.#target = this.#parts.clock.monotonic() + ms;
    this.#alarm.set(ms);
  }

  #jitter(): number {
    const limit = this.#jitterLimit();
    return limit > 0 ? this.#parts.random() * limit : 0;
  }

  #jitterLimit(): number {
    if ("cron" in this.schedule) return this.#spec.jitter ?? 0;
    const { every } = this.schedule;
    return Math.min(this.#spec.jitter ?? Math.min(every / 10, JITTER), every / 2);
  }
}
