import { spawnSync } from "node:child_process";
import { appendFileSync, mkdirSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished, type TestContext } from "vitest";
import { temporaryFolder } from "./temp-folder.ts";

/** A small file system of the test's own, gone when the test is. Skips the test, and says so, where this user may not mount one. */
export function smallDisk(context: TestContext, megabytes: number): string {
  const folder = temporaryFolder("lifeguard-disk-");
  const path = join(folder.path, "disk");
  mkdirSync(path);
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", path]).status === 0;
  onTestFinished(() => {
    if (mounted) spawnSync("umount", ["-l", path]);
    folder[Symbol.dispose]();
  });
  return mounted ? path : context.skip("SKIPPED: this needs the right to mount a tmpfs (run as root)");
}

const CHUNK = 64 * 1024;

/** Leaves about so many bytes free, while others may write too. Returns the file that takes the room; removing it makes room again. */
export function fillUp(path: string, left: number): string {
  const ballast = join(path, "ballast");
  writeFileSync(ballast, "");
  try {
    for (let free = freeBytes(path); free > left; free = freeBytes(path))
      appendFileSync(ballast, Buffer.alloc(Math.min(CHUNK, free - left)));
  } catch (error) {
    // Somebody else took the last of it: full all the same.
    if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
  }
  return ballast;
}

function freeBytes(path: string): number {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
}
