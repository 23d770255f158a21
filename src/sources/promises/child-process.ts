import { type ChildProcess, spawn } from "node:child_process";
import { stat } from "node:fs/promises";
import { setPriority } from "node:os";
import { setTimeout as sleep, setImmediate as turn } from "node:timers/promises";
import { execFailure, readHead } from "./exec-failure.ts";
import {
  DRAIN,
  type RunEnd,
  type Runner,
  type RunRequest,
  type RunResult,
  STDERR_LIMIT,
  STDOUT_LIMIT,
} from "./runner.ts";
import { StopPlan } from "./stop-plan.ts";
import { TailBuffer } from "./tail-buffer.ts";

/**
 * Runs promises by Node's own means: wherever `posix_spawn` cannot be called, and for another user. It forks, which costs more the larger
 * lifeguard is.
 */
export class ChildProcessRunner implements Runner {
  readonly name = "child_process";

  async run(request: RunRequest): Promise<RunResult> {
    const started = performance.now();
    const stdout = new TailBuffer(STDOUT_LIMIT);
    const stderr = new TailBuffer(STDERR_LIMIT);
    const { end, left } = await this.#follow(request, stdout, stderr);
    return {
      end,
      stdout: stdout.captured(),
      stderr: stderr.captured(),
      duration: performance.now() - started,
      left,
    };
  }

  async #follow(
    request: RunRequest,
    stdout: TailBuffer,
    stderr: TailBuffer,
  ): Promise<{ end: RunEnd; left: boolean }> {
    if (await looksUnknown(request.file)) return { end: await execFailure("ENOEXEC", request), left: false };
    if (request.signal.aborted) return { end: { kind: "stopped" }, left: false };
    let child: ChildProcess;
    try {
      child = start(request);
    } catch (error) {
      return {
        end: await execFailure((error as NodeJS.ErrnoException).code ?? "unknown error", request),
        left: false,
      };
    }
    const pid = child.pid;
    if (pid === undefined) {
      const error = await new Promise<NodeJS.ErrnoException>((resolve) => child.once("error", resolve));
      return { end: await execFailure(error.code ?? "unknown error", request), left: false };
    }
    child.on("error", () => {}); // A signal that could not be sent; the run goes on.
    child.stdout?.on("data", (piece: Buffer) => stdout.push(piece)).on("error", () => {});
    child.stderr?.on("data", (piece: Buffer) => stderr.push(piece)).on("error", () => {});
    if (request.nice !== undefined) {
      try {
        setPriority(pid, request.nice);
      } catch {
        // It has ended already, or its user may not have that priority: a check that runs anyway is worth more.
      }
    }
    request.onSpawn?.(pid);

    const { promise: givenUp, resolve: giveUp } = Promise.withResolvers<"given up">();
    const plan = new StopPlan(pid, request, () => giveUp("given up"));
    const exited = new Promise<RunEnd>((resolve) => {
      child.once("exit", (code, signal) => {
        plan.ended();
        resolve(
          plan.stopped ??
            (signal === null ? { kind: "exited", code: code ?? 0 } : { kind: "killed", signal }),
        );
      });
    });
    const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
    const ended = await Promise.race([exited, givenUp]);
    if (ended === "given up") {
      plan.ended();
      release(child);
      return { end: plan.stopped as RunEnd, left: true };
    }
    await drained(closed);
    release(child);
    return { end: ended, left: false };
  }
}

/**
 * Waits for the end of the outputs, but not for ever where others hold them open. An event loop that stood still runs the timer before it
 * reads: what is there by then is read in any case, as a promise without a word would be taken for one that is well.
 */
async function drained(closed: Promise<void>): Promise<void> {
  const late = new AbortController();
  const patience = sleep(DRAIN, undefined, { signal: late.signal }).then(
    () => turn(),
    () => {},
  );
  await Promise.race([closed, patience]);
  late.abort();
}

function start({ file, workingDirectory, environment, user }: RunRequest): ChildProcess {
  return spawn(file, [], {
    cwd: workingDirectory,
    env: environment,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    ...(user && { uid: user.uid, gid: user.gid }),
  });
}

/** Lets go of outputs that somebody else still holds open. */
function release(child: ChildProcess): void {
  child.stdout?.destroy();
  child.stderr?.destroy();
  child.unref();
}

/**
 * Whether the system would not know how to execute the file. Node would hand it to a shell then, so that a broken promise would seem to
 * work here and fail where `posix_spawn` runs it.
 */
async function looksUnknown(file: string): Promise<boolean> {
  const head = await readHead(file, 128);
  if (head.length === 0)
    return stat(file).then(
      (stats) => stats.size === 0,
      () => false,
    );
  return !head.subarray(0, 2).equals(Buffer.from("#!")) && !head.includes(0);
}
