import { setPriority } from "node:os";
import { CStrings, cString } from "./c-strings.ts";
import { execFailure } from "./exec-failure.ts";
import type { Libc } from "./libc.ts";
import {
  DRAIN,
  type RunEnd,
  type Runner,
  type RunRequest,
  type RunResult,
  STDERR_LIMIT,
  STDOUT_LIMIT,
} from "./runner.ts";
import { errnoName, signalName } from "./signal-names.ts";
import { StopPlan } from "./stop-plan.ts";
import { NOTHING, TailBuffer } from "./tail-buffer.ts";

const O_CLOEXEC = 0o2000000;
const WNOHANG = 1;
const POLLIN = 1;
/** Error, hang-up or a bad descriptor: with nothing left to read, that is the end of an output. */
const POLL_OVER = 0x08 | 0x10 | 0x20;
/** A session of its own (so that no promise ever asks a terminal for a password), no blocked and no ignored signals. */
const SPAWN_FLAGS = 0x80 | 0x04 | 0x08;

/** Bytes read from one output before others have their turn. */
const READ_TURN = 256 * 1024;

/** Shortest and longest milliseconds between two looks at outputs and processes that said nothing by themselves. */
const LOOK_SOON = 2;
const LOOK_LATE = 100;

/** Milliseconds between looks at processes that were left behind. */
const LOOK_LEFT = 1000;

interface Output {
  /** −1 once closed. */
  fd: number;
  readonly tail: TailBuffer;
}

interface Active {
  readonly pid: number;
  readonly request: RunRequest;
  readonly started: number;
  readonly stdout: Output;
  readonly stderr: Output;
  plan: StopPlan | undefined;
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
  readonly #active = new Set<Active>();
  /** Process ids of those given up: still to be reaped when they do end. */
  readonly #left = new Set<number>();
  readonly #queue: Array<() => void> = [];
  #timer: NodeJS.Timeout | undefined;
  #soon: NodeJS.Immediate | undefined;
  #delay = LOOK_SOON;
  #listening = false;
  readonly #environments = new WeakMap<object, CStrings>();
  readonly #attributes = Buffer.alloc(1024);
  readonly #actions = Buffer.alloc(256);
  readonly #pipes = Buffer.alloc(16);
  readonly #word = Buffer.alloc(4);
  readonly #pollfd = Buffer.alloc(8);
  readonly #chunk = Buffer.allocUnsafe(64 * 1024);
  readonly #devNull = cString("/dev/null");
  /** The last arguments: kept, since the call sees only their address. */
  #argv: CStrings | undefined;

  constructor(libc: Libc) {
    this.#libc = libc;
    const signals = Buffer.alloc(256);
    libc.posix_spawnattr_init(this.#attributes);
    libc.posix_spawnattr_setflags(this.#attributes, SPAWN_FLAGS);
    libc.sigfillset(signals);
    libc.posix_spawnattr_setsigdefault(this.#attributes, signals);
    libc.sigemptyset(signals);
    libc.posix_spawnattr_setsigmask(this.#attributes, signals);
  }

  async run(request: RunRequest): Promise<RunResult> {
    // One start a turn of the event loop: a thousand promises that are due together do not hold it up.
    await new Promise<void>((resolve) => {
      this.#queue.push(resolve);
      if (this.#queue.length === 1) setImmediate(this.#startNext);
    });
    if (request.signal.aborted) return nothing({ kind: "stopped" });
    return new Promise((settle) => {
      const started = performance.now();
      const failure = this.#spawn(request, started, settle);
      if (failure !== undefined)
        void execFailure(failure, request).then((end) =>
          settle({ ...nothing(end), duration: performance.now() - started }),
        );
    });
  }

  readonly #startNext = () => {
    this.#queue.shift()?.();
    if (this.#queue.length > 0) setImmediate(this.#startNext);
  };

  /** Returns the errno's name when it could not be started. */
  #spawn(request: RunRequest, started: number, settle: Active["settle"]): string | undefined {
    const libc = this.#libc;
    const pipes = this.#pipes;
    if (libc.pipe2(pipes.subarray(0, 8), O_CLOEXEC) !== 0) return errnoName(libc.errno());
    if (libc.pipe2(pipes.subarray(8), O_CLOEXEC) !== 0) {
      const failure = errnoName(libc.errno());
      for (const at of [0, 4]) libc.close(pipes.readInt32LE(at));
      return failure;
    }
    const [outRead, outWrite, errRead, errWrite] = [0, 4, 8, 12].map((at) => pipes.readInt32LE(at)) as [
      number,
      number,
      number,
      number,
    ];
    const file = cString(request.file);
    this.#argv = new CStrings([request.file], libc);
    libc.posix_spawn_file_actions_init(this.#actions);
    libc.posix_spawn_file_actions_addopen(this.#actions, 0, this.#devNull, 0, 0);
    libc.posix_spawn_file_actions_adddup2(this.#actions, outWrite, 1);
    libc.posix_spawn_file_actions_adddup2(this.#actions, errWrite, 2);
    libc.posix_spawn_file_actions_addchdir_np(this.#actions, cString(request.workingDirectory));
    const environment = this.#environment(request.environment);
    const errno = libc.posix_spawn(
      this.#word,
      file,
      this.#actions,
      this.#attributes,
      this.#argv.array,
      environment.array,
    );
    libc.posix_spawn_file_actions_destroy(this.#actions);
    libc.close(outWrite);
    libc.close(errWrite);
    if (errno !== 0) {
      libc.close(outRead);
      libc.close(errRead);
      return errnoName(errno);
    }
    this.#follow({
      pid: this.#word.readInt32LE(),
      request,
      started,
      stdout: { fd: outRead, tail: new TailBuffer(STDOUT_LIMIT) },
      stderr: { fd: errRead, tail: new TailBuffer(STDERR_LIMIT) },
      plan: undefined,
      end: undefined,
      drainUntil: 0,
      settle,
    });
    return undefined;
  }

  #environment(variables: Readonly<Record<string, string>>): CStrings {
    let environment = this.#environments.get(variables);
    if (!environment) {
      environment = new CStrings(
        Object.entries(variables).map(([name, value]) => `${name}=${value}`),
        this.#libc,
      );
      this.#environments.set(variables, environment);
    }
    return environment;
  }

  #follow(run: Active): void {
    if (run.request.nice !== undefined) {
      try {
        setPriority(run.pid, run.request.nice);
      } catch {
        // It has ended already, or its user may not have that priority: a check that runs anyway is worth more.
      }
    }
    run.request.onSpawn?.(run.pid);
    run.plan = new StopPlan(run.pid, run.request, () => this.#giveUp(run));
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
      if (this.#read(run)) wrote = true;
      if (run.end) this.#finishIfDrained(run);
      else this.#reap(run);
    }
    for (const pid of this.#left)
      if (this.#libc.waitpid(pid, this.#word, WNOHANG) !== 0) this.#left.delete(pid);
    this.#delay = wrote ? 0 : Math.min(LOOK_LATE, Math.max(LOOK_SOON, this.#delay * 2));
    this.#rest();
  };

  /** Sees to the next look, or to none. */
  #rest(): void {
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
    const waited = this.#libc.waitpid(run.pid, this.#word, WNOHANG);
    if (waited === 0) return;
    run.plan?.ended();
    const status = this.#word.readInt32LE();
    const signal = status & 0x7f;
    run.end = run.plan?.stopped ?? {
      kind: "impossible",
      reason: `lifeguard could not see how process ${run.pid} ended`,
    };
    if (waited === run.pid && !run.plan?.stopped)
      run.end =
        signal === 0
          ? { kind: "exited", code: (status >> 8) & 0xff }
          : { kind: "killed", signal: signalName(signal) };
    run.drainUntil = performance.now() + DRAIN;
    this.#read(run);
    this.#finishIfDrained(run);
    if (this.#active.has(run)) this.#lookIn(LOOK_SOON);
  }

  #finishIfDrained(run: Active): void {
    if ((run.stdout.fd >= 0 || run.stderr.fd >= 0) && performance.now() < run.drainUntil) return;
    this.#settle(run, run.end as RunEnd, false);
  }

  #giveUp(run: Active): void {
    if (!this.#active.has(run) || run.end) return;
    this.#left.add(run.pid);
    this.#settle(run, run.plan?.stopped as RunEnd, true);
    this.#rest();
  }

  #settle(run: Active, end: RunEnd, left: boolean): void {
    this.#active.delete(run);
    this.#close(run.stdout);
    this.#close(run.stderr);
    run.settle({
      end,
      stdout: run.stdout.tail.captured(),
      stderr: run.stderr.tail.captured(),
      duration: performance.now() - run.started,
      left,
    });
  }

  /** Reads what its outputs hold, without waiting. Returns whether there was anything. */
  #read(run: Active): boolean {
    const fromStdout = this.#readOutput(run.stdout);
    return this.#readOutput(run.stderr) || fromStdout;
  }

  #readOutput(output: Output): boolean {
    let taken = 0;
    while (output.fd >= 0 && taken < READ_TURN) {
      this.#pollfd.writeInt32LE(output.fd, 0);
      this.#pollfd.writeInt32LE(POLLIN, 4);
      if (this.#libc.poll(this.#pollfd, 1n, 0) <= 0) break;
      const events = this.#pollfd.readInt16LE(6);
      const length =
        events & POLLIN ? Number(this.#libc.read(output.fd, this.#chunk, BigInt(this.#chunk.length))) : 0;
      if (length > 0) {
        output.tail.push(this.#chunk.subarray(0, length));
        taken += length;
      } else if (length === 0 || events & POLL_OVER) this.#close(output);
      else break;
    }
    return taken > 0;
  }

  #close(output: Output): void {
    if (output.fd >= 0) this.#libc.close(output.fd);
    output.fd = -1;
  }
}

function nothing(end: RunEnd): RunResult {
  return { end, stdout: NOTHING, stderr: NOTHING, duration: 0, left: false };
}
