import { spawn } from "node:child_process";

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
    const child = spawn(file, args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: PLAIN_ENVIRONMENT,
      timeout: limit,
      killSignal: "SIGKILL",
      ...(signal ? { signal } : {}),
    });
    const output = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const)
      child[name].setEncoding("utf8").on("data", (text: string) => {
        if (output[name].length < MOST_OUTPUT) output[name] += text;
      });
    let startError: string | null = null;
    child.on("error", (error: NodeJS.ErrnoException) => {
      if (child.pid !== undefined) return;
      startError = error.code ?? error.message;
      resolve({ code: null, startError, ...output });
    });
    child.on("close", (code) => resolve({ code, startError, ...output }));
  });
}
