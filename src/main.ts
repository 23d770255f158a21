import { signals } from "./cli/signals.ts";

/** What Node says about its modules that are known to be experimental; every other warning is shown. */
const EXPECTED_WARNINGS = [/^FFI is an experimental feature/, /^SQLite is an experimental feature/];

// What follows takes its time to load, and whoever stops a lifeguard that has just been started means a clean end, too.
if (process.argv[2] === "run") signals();
hideExpectedWarnings();
keepCacheToOneself();
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

/** The cache of compiled code that the launcher chose is lifeguard's own: its children must not fill it. */
function keepCacheToOneself(): void {
  if (process.env.NODE_COMPILE_CACHE?.endsWith("/lifeguard/compile-cache"))
    delete process.env.NODE_COMPILE_CACHE;
}
