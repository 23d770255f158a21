import { flushCompileCache } from "node:module";

/** When all that a start needs is loaded and the first results are in, in milliseconds. */
const SETTLED_MS = 2000;

/**
 * Some time after a start, does once what a long life is better for: writes the cache of compiled code, since a killed process writes
 * nothing at its end, and gives back the memory that starting took and running does not need (a tenth of the process).
 */
export function settleAfterStart(): void {
  setTimeout(() => {
    flushCompileCache();
    void globalThis.gc?.({ type: "major", execution: "sync", flavor: "last-resort" });
  }, SETTLED_MS).unref();
}
