import { createHash } from "node:crypto";
import { lstat, mkdir, realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { firstCharacters } from "./text.ts";

/** Characters of a promise's name that its lock's name begins with, for people. */
const SHOWN = 40;

/**
 * Makes the folder of locks that no monitor.conf has a place for. It is the same for every lifeguard of a user, whatever its data directory,
 * since two of them may well run the same promises; and nobody else may write to it.
 * @returns its absolute path; undefined where there is none that can be trusted
 */
export async function sharedLockFolder(user = process.geteuid?.()): Promise<string | undefined> {
  // Not os.tmpdir(): that is another one for a service than for the shell of the same user.
  const folder = `/tmp/lifeguard-${user}`;
  try {
    await mkdir(folder, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
    const stats = await lstat(folder);
    return stats.isDirectory() && stats.uid === user && (stats.mode & 0o077) === 0 ? folder : undefined;
  } catch {
    return undefined;
  }
}

/** Names a promise's lock in a folder where promises of many folders have theirs: by where the executable really lies. */
export async function lockName(executable: string): Promise<string> {
  const folder = dirname(executable);
  const real = join(await realpath(folder).catch(() => folder), basename(executable));
  const digest = createHash("sha256").update(real).digest("hex").slice(0, 16);
  return `${firstCharacters(basename(executable), SHOWN)}.${digest}.pid`;
}
