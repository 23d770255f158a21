import {
  type Clock,
  LifeguardError,
  type Observation,
  type ProbeRun,
  STATUSES,
  type Status,
} from "../../plugin/index.ts";
import type { Gate, Ticket } from "./gate.ts";
import { Run } from "./run.ts";
import { seconds } from "./seconds.ts";
import type { StallMeter } from "./stall-meter.ts";
import type { Alarm, Wheel } from "./wheel.ts";

/** Milliseconds that a probe has to settle after its signal aborted, before it is taken to hang. */
export const GRACE = 5000;

/** What one run found, and how long it took. */
export interface Outcome {
  readonly observation: Observation;
  readonly durationMs: number;
  /** Who says so: the probe, or core in its place. */
  readonly by: "source" | "core";
}

/** What the probers of one source share. */
export interface ProberParts {
  readonly clock: Clock;
  readonly wheel: Wheel;
  readonly stall: StallMeter;
  readonly gate: Gate;
  /** The type of a verdict on a probe that never observed anything. */
  readonly defaultType: string;
  /** Hides secrets in what a probe says when it fails. */
  readonly redact: (text: string) => string;
  /** Milliseconds between a due time and the run's start. */
  onLag(lag: number): void;
}

/** What one prober is for. */
export interface ProberOptions {
  readonly subject: string;
  /** Deadline of a run in milliseconds. */
  readonly timeout: number;
  probe(run: ProbeRun): Promise<Observation>;
  /** Told of every verdict, before those who wait for it. */
  onOutcome(outcome: Outcome): void;
}

interface Waiter {
  resolve(outcome: Outcome): void;
  reject(error: unknown): void;
}

/**
 * Runs one probe: one run at a time, within the gate, up to its deadline. Every run has exactly one outcome, whatever the probe does:
 * what it observed; critical when the deadline passed; `unknown` when it rejected, or lifeguard stood still meanwhile.
 */
export class Prober {
  readonly #parts: ProberParts;
  readonly #options: ProberOptions;
  readonly #ticket: Ticket;
  readonly #deadline: Alarm;
  #trigger: ProbeRun["trigger"] = "start";
  #due = 0;
  #closed = false;
  #run: Run | undefined;
  #waiters: Waiter[] = [];
  #lastType: string | undefined;
  readonly #typeOf: Partial<Record<Status, string>> = {};

  constructor(parts: ProberParts, options: ProberOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#ticket = parts.gate.ticket(() => this.#admitted());
    this.#deadline = parts.wheel.alarm(() => this.#deadlinePassed());
  }

  /** Where it stands; `running` until the probe settled, also beyond the deadline. */
  get phase(): "idle" | "queued" | "running" {
    if (this.#run) return "running";
    return this.#ticket.list ? "queued" : "idle";
  }

  /** Monotonic milliseconds at which the run under way began. */
  get runningSince(): number | undefined {
    return this.#run?.startedAt;
  }

  /** Starts a run that was due at that monotonic time, or queues it. Does nothing while one is queued or under way. */
  start(trigger: ProbeRun["trigger"], due: number): void {
    if (this.#closed || this.phase !== "idle") return;
    this.#trigger = trigger;
    this.#due = due;
    this.#parts.gate.enter(this.#ticket, false);
  }

  /**
   * Runs out of turn, ahead of all who wait; joins a run that is queued or under way.
   * @throws LifeguardError `COMMAND_BUSY` when a run is under way and `join` is false, or the last one hangs beyond its deadline;
   * `COMMAND_UNKNOWN` after `close`
   */
  runNow(join: boolean): Promise<Outcome> {
    if (this.#closed)
      throw new LifeguardError("COMMAND_UNKNOWN", `the monitor of ${this.#options.subject} is closed`);
    if (this.#run && (this.#run.over || !join))
      throw new LifeguardError("COMMAND_BUSY", `a run of ${this.#options.subject} is under way already`);
    const outcome = new Promise<Outcome>((resolve, reject) => this.#waiters.push({ resolve, reject }));
    if (this.#run) return outcome;
    if (!this.#ticket.list) {
      this.#trigger = "command";
      this.#due = this.#parts.clock.monotonic();
    }
    this.#parts.gate.enter(this.#ticket, true);
    return outcome;
  }

  /** Lets go of a run that hangs: its signal aborts, and whatever it says later is ignored. */
  abandon(reason: LifeguardError): void {
    const run = this.#run;
    if (!run) return;
    this.#run = undefined;
    this.#deadline.cancel();
    this.#end(run);
    run.abort(reason);
    this.#leave(run);
  }

  /**
   * Ends it for good. Call once.
   * @param final the whole source stops: nobody waits for room within the gate any more
   */
  close(reason: unknown, final: boolean): void {
    this.#closed = true;
    this.#parts.gate.giveUp(this.#ticket);
    this.#deadline.cancel();
    for (const waiter of this.#waiters.splice(0)) waiter.reject(reason);
    const run = this.#run;
    if (!run) return;
    this.#end(run);
    run.abort(reason);
    if (!final) this.#deadline.set(GRACE);
  }

  #admitted(): void {
    const { clock, stall, wheel } = this.#parts;
    const now = clock.monotonic();
    const run = new Run(this.#trigger, now, stall.total);
    this.#run = run;
    this.#parts.onLag(Math.max(0, now - this.#due));
    stall.watch(wheel);
    this.#deadline.set(this.#options.timeout);
    this.#call(run).then(
      (observation) => this.#settled(run, () => this.#conclude(run, observation, "source")),
      (error) => this.#settled(run, () => this.#conclude(run, this.#unmeasured(error), "core")),
    );
  }

  async #call(run: Run): Promise<Observation> {
    const observation = await this.#options.probe(run);
    if (!observation || !STATUSES.includes(observation.status))
      throw new Error(`the probe returned no observation, but ${JSON.stringify(observation)}`);
    return observation;
  }

  #settled(run: Run, conclude: () => void): void {
    if (run === this.#run) {
      this.#run = undefined;
      this.#deadline.cancel();
    }
    const wanted = !run.over;
    this.#end(run);
    if (wanted) conclude();
    this.#leave(run);
  }

  #deadlinePassed(): void {
    const run = this.#run;
    if (!run) return;
    if (run.over) {
      this.#leave(run);
      return;
    }
    const { timeout } = this.#options;
    const silence = `no result within ${seconds(timeout)}`;
    const spoiled = this.#parts.stall.spoiled(run.stalledBefore, timeout);
    this.#end(run);
    this.#deadline.set(GRACE);
    this.#conclude(
      run,
      spoiled
        ? this.#verdict("unknown", `${silence}, but lifeguard itself stood still meanwhile`)
        : this.#verdict("critical", silence),
      "core",
    );
    run.abort(new LifeguardError("DEADLINE", silence));
  }

  /** From here on nobody wants to hear from the run. */
  #end(run: Run): void {
    if (run.over) return;
    run.over = true;
    this.#parts.stall.unwatch();
  }

  #leave(run: Run): void {
    if (!run.inside) return;
    run.inside = false;
    this.#parts.gate.leave();
  }

  #conclude(run: Run, observation: Observation, by: Outcome["by"]): void {
    if (by === "source") this.#lastType = this.#typeOf[observation.status] = observation.type;
    const durationMs = this.#parts.clock.monotonic() - run.startedAt;
    const outcome = { observation, durationMs, by };
    this.#options.onOutcome(outcome);
    for (const waiter of this.#waiters.splice(0)) waiter.resolve(outcome);
  }

  #unmeasured(error: unknown): Observation {
    const text = error instanceof Error ? error.message : String(error);
    return this.#verdict(
      "unknown",
      this.#parts.redact(`could not measure: ${text || "the probe gave no reason"}`),
    );
  }

  /** Core's own word for a probe: under the type last observed with that status, else the last type of all, else the source's first. */
  #verdict(status: Status, message: string): Observation {
    const type = this.#typeOf[status] ?? this.#lastType ?? this.#parts.defaultType;
    return { status, type, message };
  }
}
