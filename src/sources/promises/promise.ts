import type { Schedule } from "../../plugin/index.ts";

/** A promise as its instance sees it: what is run, when, and what people read about it. */
export interface PromiseSpec {
  /** The executable's file name. */
  readonly id: string;
  readonly subject: string;
  /** Absolute path of the executable; of the file in question where there is nothing to run. */
  readonly file: string;
  readonly title: string | undefined;
  readonly schedule: Schedule;
  /** Why it must not be run; undefined for one that may. It is then a visible failure instead. */
  readonly refused: string | undefined;
  readonly workingDirectory: string;
  /** Where its status.json goes. */
  readonly publicFolder: string;
  /** Absolute path of its lock. */
  readonly lockFile: string;
  /** Absolute path of its log. */
  readonly logFile: string;
}

/** Whether two are run in the same way, whatever they are called, so that a running monitor can go on. */
export function sameRuns(a: PromiseSpec, b: PromiseSpec): boolean {
  return JSON.stringify({ ...a, title: "" }) === JSON.stringify({ ...b, title: "" });
}
