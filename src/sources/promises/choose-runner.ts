import { ChildProcessRunner } from "./child-process.ts";
import { loadLibc } from "./libc.ts";
import { PosixSpawnRunner } from "./posix-spawn.ts";
import type { Runner } from "./runner.ts";

/** Environment variable that names the way to run promises, where the better one makes trouble. */
export const SPAWN_VARIABLE = "LIFEGUARD_PROMISES_SPAWN";

/** A way to run promises, and why it is this one. */
export interface ChosenRunner {
  readonly runner: Runner;
  readonly why: string;
}

/**
 * Chooses how promises are run: by `posix_spawn` where that can be called, else by Node's child_process.
 * @param options.forced what the environment variable says
 * @param options.otherUser whether they run as another user, which only child_process can do
 */
export function chooseRunner({
  forced,
  otherUser,
}: {
  forced: string | undefined;
  otherUser: boolean;
}): ChosenRunner {
  if (forced === "child_process")
    return { runner: new ChildProcessRunner(), why: `${SPAWN_VARIABLE} says so` };
  if (otherUser) return { runner: new ChildProcessRunner(), why: "run_as names another user" };
  const loaded = loadLibc();
  if ("why" in loaded) return { runner: new ChildProcessRunner(), why: `no posix_spawn: ${loaded.why}` };
  return { runner: new PosixSpawnRunner(loaded.libc), why: "it costs the same however large lifeguard is" };
}
