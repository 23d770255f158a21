import {
  LifeguardError,
  type Observation,
  type SelfDrivenMonitor,
  type SelfDrivenMonitorSpec,
  type Status,
} from "../../plugin/index.ts";
import { LazyAbort } from "./lazy-abort.ts";
import type { MonitorParts } from "./monitor-parts.ts";
import { Prober } from "./prober.ts";
import type { RegisteredMonitor, RunOptions, RunReport } from "./registered-monitor.ts";
import { reportOf } from "./report.ts";
import { seconds } from "./seconds.ts";
import { Voice } from "./voice.ts";
import type { Alarm } from "./wheel.ts";

/** A monitor that its source drives: a beat, hysteresis, and events where something changes. */
export class BeatingMonitor implements SelfDrivenMonitor, RegisteredMonitor {
  readonly id: string;
  readonly subject: string;
  readonly source: string;
  readonly schedule = null;
  readonly staleAfter: number;
  readonly #spec: SelfDrivenMonitorSpec;
  readonly #parts: MonitorParts;
  readonly #voice: Voice;
  readonly #prober: Prober | undefined;
  readonly #abort = new LazyAbort();
  readonly #cell: { seen: number };
  #beat: number;
  /** Whether its last verdict is known to have been taken. */
  #told = false;
  #announced = false;
  #announcement: Alarm | undefined;
  #closed = false;
  #status: Status | undefined;
  #state: string | undefined;

  constructor(spec: SelfDrivenMonitorSpec, parts: MonitorParts) {
    const { clock, host, log } = parts;
    this.id = spec.id;
    this.subject = spec.subject;
    this.source = host.name;
    this.staleAfter = spec.stale_after;
    this.#spec = spec;
    this.#parts = parts;
    this.#voice = new Voice(spec, host, log);
    this.#cell = host.freshness(spec.subject);
    this.#beat = clock.monotonic();
    if (!spec.probe) return;
    const probe = spec.probe.bind(spec);
    this.#prober = new Prober(parts, {
      subject: spec.subject,
      timeout: spec.stale_after,
      probe,
      onOutcome: ({ observation, by }) => this.#looked(observation, by),
    });
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get phase(): RegisteredMonitor["phase"] {
    return this.#prober?.phase ?? "idle";
  }

  get runnable(): boolean {
    return this.#prober !== undefined;
  }

  /** Tells of it, soon: ten thousand at once would crowd out what they have to say. Call once. */
  begin(): void {
    const delay = this.#parts.startDelay();
    if (delay === 0) {
      this.#announce();
      return;
    }
    this.#announcement = this.#parts.wheel.alarm(() => this.#announce());
    this.#announcement.set(delay);
  }

  observe(status: Status, details: () => Omit<Observation, "status">, state?: string): void {
    if (this.#closed) return;
    const { clock } = this.#parts;
    this.#beat = clock.monotonic();
    this.#cell.seen = clock.now();
    const { hysteresis } = this.#voice;
    // The same again, and nothing that waits to be confirmed: the whole cost of an ordinary beat.
    if (status === this.#status && state === this.#state && hysteresis.streak === 0 && this.#told) return;
    this.#status = status;
    this.#state = state;
    const before = hysteresis.shown;
    const shown = hysteresis.observe(status);
    const otherState = state !== undefined && shown === status && state !== this.#voice.state(status);
    // The first beat always tells, so that whoever stopped trusting the subject, here or elsewhere, trusts it again. A verdict that found
    // no room is told again, for no other event will.
    if (this.#told && shown === before && !otherState) return;
    this.#announce();
    this.#voice.say({ ...details(), status, ...(state !== undefined && { state }) }, shown, "source");
    this.#told = this.#parts.host.standing(this.subject)?.status === hysteresis.shown;
  }

  async run({ join = true }: RunOptions = {}): Promise<RunReport> {
    if (!this.#prober) throw new LifeguardError("COMMAND_UNKNOWN", `${this.subject} has no probe to run`);
    return reportOf(await this.#prober.runNow(join));
  }

  upcoming(): Date[] {
    return [];
  }

  /** Milliseconds without a beat, at a monotonic time; silence from before `trusted` does not count. */
  silence(now: number, trusted: number): number {
    return now - Math.max(this.#beat, trusted);
  }

  /** Deletes it because it stopped beating: it says so, and what it covers is no longer known. Returns false when it is closed already. */
  reap(now: number): boolean {
    if (this.#closed) return false;
    const reason = `no beat for ${seconds(now - this.#beat)}`;
    const covers = this.#spec.covers ?? this.subject;
    this.#closed = true;
    this.#parts.forget(this.id);
    this.#announce();
    this.#voice.tell("monitor_deleted", `monitor ${this.id} deleted: ${reason}`, {
      monitor: this.id,
      reason,
      covers,
    });
    this.#parts.host.distrust(covers, reason);
    this.#end(new LifeguardError("MONITOR_STALE", `monitor ${this.id}: ${reason}`), false);
    return true;
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
    this.#announcement?.cancel();
    this.#prober?.close(reason, final);
    this.#abort.abort(reason);
  }

  #announce(): void {
    if (this.#announced) return;
    this.#announced = true;
    this.#announcement?.cancel();
    this.#voice.tell("registered", `monitor ${this.id} registered`);
  }

  #looked(observation: Observation, by: "source" | "core"): void {
    const { clock } = this.#parts;
    this.#beat = clock.monotonic();
    this.#cell.seen = clock.now();
    this.#status = observation.status;
    this.#state = observation.state;
    this.#told = true;
    this.#voice.report(observation, by);
  }
}
