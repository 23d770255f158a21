import { readdir, readFile, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isAlive, parseHolder, renderHolder, SELF } from "./lock-text.ts";

const NAME = /^\.lifeguard-\d+\.owner$/;

const made = new Map<string, Promise<string>>();

/**
 * A file that says who this process is, in a folder of locks. Linking to it makes a lock with its whole text in one step, for a third of
 * what writing a file costs. Those that killed lifeguards left are taken away.
 * @returns its absolute path
 */
export function ownerFile(folder: string): Promise<string> {
  let path = made.get(folder);
  if (!path) {
    path = make(folder);
    made.set(folder, path);
    path.catch(() => made.delete(folder));
  }
  return path;
}

/** Forgets that the folder has one: somebody removed it. */
export function forgetOwnerFile(folder: string): void {
  made.delete(folder);
}

/** Takes this process's file away, and the folder is as before. Never rejects. */
export async function removeOwnerFile(folder: string): Promise<void> {
  const path = made.get(folder);
  made.delete(folder);
  if (path) await path.then(unlink).catch(() => {});
}

async function make(folder: string): Promise<string> {
  for (const name of await readdir(folder)) {
    if (!NAME.test(name)) continue;
    const owner = parseHolder(await readFile(join(folder, name), "latin1").catch(() => ""));
    if (owner && !isAlive(owner.process, owner.boot)) await unlink(join(folder, name)).catch(() => {});
  }
  const path = join(folder, `.lifeguard-${process.pid}.owner`);
  await unlink(path).catch(() => {});
  await writeFile(path, renderHolder(SELF), { flag: "wx", mode: 0o644 });
  return path;
}
