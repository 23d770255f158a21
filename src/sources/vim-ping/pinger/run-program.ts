import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable } from "node:stream";

/** Bytes kept of what a program writes. */
const MOST_OUTPUT = 64 * 1024;

/** How a program ended. */
export interface ProgramEnd {
  /** Null when it was killed or could not be started. */
  readonly code: number | null;
  /** The name of the error when it could not be started, such as `ENOENT`. */
  readonly startError: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Programs speak plain English only if nobody asks them for another language. */
export const PLAIN_ENVIRONMENT: NodeJS.ProcessEnv = { ...process.env, LC_ALL: "C", LANGUAGE: "" };

/** Runs a program to its end, killed after so many milliseconds or when the signal aborts. Never rejects. */
export function runProgram(
  file: string,
  args: readonly string[],
  limit: number,
  signal?: AbortSignal,
): Promise<ProgramEnd> {
  return new Promise((resolve) => {
    const output = { stdout: "", stderr: "" };
    const refused = (error: NodeJS.ErrnoException) =>
      resolve({ code: null, startError: error.code ?? error.message, ...output });
    let child: ChildProcessByStdio<null, Readable, Readable>;
    try {
      child = spawn(file, args, {
        stdio: ["ignore", "pipe", "pipe"],
        env: PLAIN_ENVIRONMENT,
        timeout: limit,
        killSignal: "SIGKILL",
        ...(signal ? { signal } : {}),
      });
    } catch (error) {
      // Some refusals are thrown, EPERM among them; others come as an event.
      refused(error as NodeJS.ErrnoException);
      return;
    }
    for (const name of ["stdout", "stderr"] as const)
      child[name].setEncoding("utf8").on("data", (text: string) => {
        if (output[name].length < MOST_OUTPUT) output[name] += text;
      });
    child.on("error", (error) => {
      if (child.pid === undefined) refused(error);
    });
    child.on("close", (code) => resolve({ code, startError: null, ...output }));
  });
}
