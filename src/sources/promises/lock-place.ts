import { createHash } from "node:crypto";
import { lstat, mkdir } from "node:fs/promises";
import { join } from "node:path";
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

/**
 * Names a promise's lock in a folder where promises of many folders have theirs. Pure.
 * @param folder where the executable really lies, without links
 * @param name the executable's file name
 */
export function lockName(folder: string, name: string): string {
  const digest = createHash("sha256").update(join(folder, name)).digest("hex").slice(0, 16);
  return `${firstCharacters(name, SHOWN)}.${digest}.pid`;
}
