import { spawnSync } from "node:child_process";
import { mkdirSync, statfsSync, writeFileSync } from "node:fs";
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

/** Leaves so many bytes free. Returns the file that takes the room; removing it makes room again. */
export function fillUp(path: string, left: number): string {
  const ballast = join(path, "ballast");
  const { bavail, bsize } = statfsSync(path);
  writeFileSync(ballast, Buffer.alloc(Math.max(0, bavail * bsize - left)));
  return ballast;
}
