import { flushCompileCache } from "node:module";

/** What Node says about its modules that are known to be experimental; every other warning is shown. */
const EXPECTED_WARNINGS = [/^FFI is an experimental feature/, /^SQLite is an experimental feature/];
/** When everything that a start loads is loaded, in milliseconds. */
const CACHE_FLUSH_MS = 10_000;

hideExpectedWarnings();
keepCompileCache();
const { main } = await import("./cli/program.ts");
await main(process.argv.slice(2));

function hideExpectedWarnings(): void {
  const listeners = process.listeners("warning");
  process.removeAllListeners("warning");
  process.on("warning", (warning) => {
    const expected =
      warning.name === "ExperimentalWarning" &&
      EXPECTED_WARNINGS.some((known) => known.test(warning.message));
    if (!expected) for (const listener of listeners) listener.call(process, warning);
  });
}

/** The cache that the launcher chose is lifeguard's own: its children must not fill it. It is written while lifeguard runs, since a killed process writes nothing. */
function keepCompileCache(): void {
  if (process.env.NODE_COMPILE_CACHE?.endsWith("/lifeguard/compile-cache"))
    delete process.env.NODE_COMPILE_CACHE;
  setTimeout(flushCompileCache, CACHE_FLUSH_MS).unref();
}
