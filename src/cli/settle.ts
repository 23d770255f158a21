import { flushCompileCache } from "node:module";

/** Milliseconds after a start: all that it needs is loaded and the first results are in; ten thousand monitors have begun, too. */
const SETTLED_MS = [2000, 20_000];

/**
 * Some time after a start, does what a long life is better for: writes the cache of compiled code, since a killed process writes
 * nothing at its end, and gives back the memory that starting took and running does not need (a tenth of the process).
 */
export function settleAfterStart(): void {
  for (const after of SETTLED_MS)
    setTimeout(() => {
      flushCompileCache();
      void globalThis.gc?.({ type: "major", execution: "sync", flavor: "last-resort" });
    }, after).unref();
}
