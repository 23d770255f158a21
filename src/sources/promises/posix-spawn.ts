import { availableParallelism, setPriority } from "node:os";
import { execFailure } from "./exec-failure.ts";
import type { Libc } from "./libc.ts";
import { PipeOutput } from "./pipe-output.ts";
import {
  DRAIN,
  type RunEnd,
  type Runner,
  type RunRequest,
  type RunResult,
  STDERR_LIMIT,
  STDOUT_LIMIT,
} from "./runner.ts";
import { signalName } from "./signal-names.ts";
import { Spawner } from "./spawner.ts";
import { StopPlan } from "./stop-plan.ts";
import { NOTHING } from "./tail-buffer.ts";

const WNOHANG = 1;

/** Shortest and longest milliseconds between two looks at outputs and processes that said nothing by themselves. */
const LOOK_SOON = 2;
const LOOK_LATE = 100;

/** Milliseconds between looks at processes that were left behind. */
const LOOK_LEFT = 1000;

/**
 * A start waits, with the whole event loop, until the new process has had the processor once. So no more than so many processes are let
 * compete for it as begin their work; one that is older than these milliseconds waits for something else, or is one of few.
 */
const AT_ONCE = availableParallelism() + 1;
const YOUNG = 50;

interface Active {
  readonly pid: number;
  readonly request: RunRequest;
  readonly started: number;
  readonly stdout: PipeOutput;
  readonly stderr: PipeOutput;
  readonly plan: StopPlan;
  end: RunEnd | undefined;
  /** When reading on ends although somebody holds an output open. */
  drainUntil: number;
  readonly settle: (result: RunResult) => void;
}

/**
 * Runs promises by `posix_spawn`, which shares the parent's memory until the new program starts: it costs the same whatever lifeguard's
 * size, where a fork copies page tables and stands still meanwhile.
 *
 * Most promises are through in milliseconds and write less than a pipe holds. So nothing listens to their pipes: SIGCHLD says that one
 * ended, its process id is waited for (never any other: libuv has children too), and its pipes are read then. Those that run longer are
 * looked at by a timer, sooner while they write, later while they are silent; it also finds those whose signal was lost.
 */
export class PosixSpawnRunner implements Runner {
  readonly name = "posix_spawn";
  readonly #libc: Libc;
  readonly #spawner: Spawner;
  readonly #active = new Set<Active>();
  /** Process ids of those given up: still to be reaped when they do end. */
  readonly #left = new Set<number>();
  /** Runs that wait for their turn to start. */
  readonly #queue: Array<() => void> = [];
  readonly #status = Buffer.alloc(4);
  #starting: NodeJS.Immediate | undefined;
  #timer: NodeJS.Timeout | undefined;
  #soon: NodeJS.Immediate | undefined;
  #delay = LOOK_SOON;
  #listening = false;

  constructor(libc: Libc) {
    this.#libc = libc;
    this.#spawner = new Spawner(libc);
  }

  async run(request: RunRequest): Promise<RunResult> {
    await new Promise<void>((resolve) => {
      this.#queue.push(resolve);
      this.#startSoon();
    });
    if (request.signal.aborted) return withoutOutput({ kind: "stopped" }, 0);
    const started = performance.now();
    const spawned = this.#spawner.spawn(request);
    if (typeof spawned === "string") {
      const end = await execFailure(spawned, request);
      return withoutOutput(end, performance.now() - started);
    }
    const { pid, stdout, stderr } = spawned;
    return new Promise((settle) => {
      const run: Active = {
        pid,
        request,
        started,
        stdout: new PipeOutput(this.#libc, stdout, STDOUT_LIMIT),
        stderr: new PipeOutput(this.#libc, stderr, STDERR_LIMIT),
        plan: new StopPlan(pid, request, () => this.#giveUp(run)),
        end: undefined,
        drainUntil: 0,
        settle,
      };
      this.#follow(run);
    });
  }

  /** One start a turn of the event loop: a thousand promises that are due together do not hold it up. */
  #startSoon(): void {
    if (this.#queue.length > 0) this.#starting ??= setImmediate(this.#startNext);
  }

  readonly #startNext = () => {
    this.#starting = undefined;
    const old = performance.now() - YOUNG;
    let young = 0;
    for (const { started, end } of this.#active) if (!end && started > old) young += 1;
    // Else the next look or the next end is the moment.
    if (young < AT_ONCE) this.#queue.shift()?.();
    if (young + 1 < AT_ONCE) this.#startSoon();
  };

  #follow(run: Active): void {
    if (run.request.nice !== undefined) {
      try {
        setPriority(run.pid, run.request.nice);
      } catch {
        // It has ended already, or its user may not have that priority: a check that runs anyway is worth more.
      }
    }
    run.request.onSpawn?.(run.pid);
    this.#active.add(run);
    if (!this.#listening) {
      this.#listening = true;
      process.on("SIGCHLD", this.#childEnded);
    }
    this.#lookIn(LOOK_SOON);
  }

  readonly #childEnded = () => {
    for (const run of this.#active) if (!run.end) this.#reap(run);
    this.#rest();
  };

  readonly #look = () => {
    this.#forgetLook();
    let wrote = false;
    for (const run of this.#active) {
      if (readAll(run)) wrote = true;
      if (run.end) this.#finishIfDrained(run);
      else this.#reap(run);
    }
    for (const pid of this.#left)
      if (this.#libc.waitpid(pid, this.#status, WNOHANG) !== 0) this.#left.delete(pid);
    this.#delay = wrote ? 0 : Math.min(LOOK_LATE, Math.max(LOOK_SOON, this.#delay * 2));
    this.#rest();
  };

  /** Sees to the next start and the next look, if there is anything to start or to look at. */
  #rest(): void {
    this.#startSoon();
    if (this.#active.size > 0) this.#lookIn(this.#delay);
    else if (this.#left.size > 0) {
      this.#forgetLook();
      this.#delay = LOOK_LEFT;
      this.#lookIn(LOOK_LEFT);
    } else {
      this.#forgetLook();
      this.#delay = LOOK_SOON;
      process.off("SIGCHLD", this.#childEnded);
      this.#listening = false;
    }
  }

  /** Looks in so many milliseconds, or when it was going to if that is sooner; after 0 in the next turn of the event loop. */
  #lookIn(ms: number): void {
    if (ms < this.#delay) {
      this.#delay = ms;
      this.#forgetLook();
    }
    if (ms === 0) this.#soon ??= setImmediate(this.#look);
    else if (!this.#soon) this.#timer ??= setTimeout(this.#look, ms);
  }

  #forgetLook(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#soon);
    this.#timer = undefined;
    this.#soon = undefined;
  }

  #reap(run: Active): void {
    const waited = this.#libc.waitpid(run.pid, this.#status, WNOHANG);
    if (waited === 0) return;
    run.plan.ended();
    run.end = run.plan.stopped ?? this.#endOf(waited, run.pid);
    run.drainUntil = performance.now() + DRAIN;
    readAll(run);
    this.#finishIfDrained(run);
    if (this.#active.has(run)) this.#lookIn(LOOK_SOON);
  }

  /** How the process ended that was waited for just now. */
  #endOf(waited: number, pid: number): RunEnd {
    if (waited !== pid)
      return { kind: "impossible", reason: `lifeguard could not see how process ${pid} ended` };
    const status = this.#status.readInt32LE();
    const signal = status & 0x7f;
    return signal === 0
      ? { kind: "exited", code: (status >> 8) & 0xff }
      : { kind: "killed", signal: signalName(signal) };
  }

  #finishIfDrained(run: Active): void {
    if ((run.stdout.open || run.stderr.open) && performance.now() < run.drainUntil) return;
    this.#settle(run, run.end as RunEnd, false);
  }

  #giveUp(run: Active): void {
    if (!this.#active.has(run) || run.end) return;
    this.#left.add(run.pid);
    this.#settle(run, run.plan.stopped as RunEnd, true);
    this.#rest();
  }

  #settle(run: Active, end: RunEnd, left: boolean): void {
    this.#active.delete(run);
    run.stdout.close();
    run.stderr.close();
    const [stdout, stderr] = [run.stdout.captured(), run.stderr.captured()];
    run.settle({ end, stdout, stderr, duration: performance.now() - run.started, left });
  }
}

/** Reads what a run's outputs hold, without waiting. Returns whether there was anything. */
function readAll({ stdout, stderr }: Active): boolean {
  const fromStdout = stdout.read();
  return stderr.read() || fromStdout;
}

function withoutOutput(end: RunEnd, duration: number): RunResult {
  return { end, stdout: NOTHING, stderr: NOTHING, duration, left: false };
}
