import type { Captured } from "./tail-buffer.ts";

/** One run of one promise. */
export interface RunRequest {
  /** Absolute path of the executable. It is run without arguments, with nothing on standard input, as leader of a session of its own. */
  readonly file: string;
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Milliseconds until it is stopped. */
  readonly timeout: number;
  /** Milliseconds between TERM and KILL. */
  readonly grace: number;
  /** Priority to run with. */
  readonly nice?: number | undefined;
  /** User to run as. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
  /** Stops the run, at once and with little grace. */
  readonly signal: AbortSignal;
  /** Called once when the process exists, before it can have been reaped. Must not throw. */
  onSpawn?(pid: number): void;
}

/** How a run ended. */
export type RunEnd =
  /** By itself. */
  | { readonly kind: "exited"; readonly code: number }
  /** By somebody else's signal, or its own. */
  | { readonly kind: "killed"; readonly signal: string }
  /** It took too long and was stopped. */
  | { readonly kind: "timeout"; readonly after: number }
  /** It could not be executed, and that is its own fault. */
  | { readonly kind: "refused"; readonly reason: string; readonly errno?: string | undefined }
  /** Lifeguard could not run it or see how it ended. */
  | { readonly kind: "impossible"; readonly reason: string }
  /** Lifeguard stopped it before it was through. */
  | { readonly kind: "stopped" };

/** What a run gave. */
export interface RunResult {
  readonly end: RunEnd;
  readonly stdout: Captured;
  readonly stderr: Captured;
  /** Milliseconds from start to end, by a clock that only goes forward. */
  readonly duration: number;
  /** Whether a process of the run is still there because not even KILL ended it. */
  readonly left: boolean;
}

/** Runs executables: the port between promises and the operating system. Every way of running gives the same result for the same promise. */
export interface Runner {
  /** For the log. */
  readonly name: string;
  /**
   * Runs once. Resolves soon after the process itself has ended, however long its children hold its outputs; and soon after `signal`
   * aborted. Never rejects.
   */
  run(request: RunRequest): Promise<RunResult>;
}

/** Bytes of standard output kept: JSON of this size can still be read. */
export const STDOUT_LIMIT = 256 * 1024;

/** Bytes of standard error kept. */
export const STDERR_LIMIT = 64 * 1024;

/** Milliseconds that outputs are still read after the process has ended, while others hold them open. */
export const DRAIN = 50;

/** Milliseconds between TERM and KILL when lifeguard itself stops. */
export const HASTE = 300;

/** Milliseconds after KILL until a process that does not go away is left behind. */
export const KILL_WAIT = 1000;
