import { closeSync, mkdtempSync, openSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";

/** Every system takes at least so many bytes for the path of a socket; Linux 107, others 103. */
const LONGEST = 100;

/** Another path to the same socket, short enough for the system call. */
export interface ShortPath {
  readonly path: string;
  /** Lets go of what made it short. To be called when the socket is closed, or connected. */
  release(): void;
}

/**
 * Shortens the path of a socket: through the open folder on Linux, through a link in the temporary folder elsewhere.
 * @param path absolute; its folder exists
 */
export function shortPath(path: string): ShortPath {
  if (Buffer.byteLength(path) <= LONGEST) return { path, release() {} };
  return process.platform === "linux" ? throughDescriptor(path) : throughLink(path);
}

function throughDescriptor(path: string): ShortPath {
  const folder = openSync(dirname(path), "r");
  let open = true;
  return {
    path: `/proc/self/fd/${folder}/${basename(path)}`,
    release() {
      if (open) closeSync(folder);
      open = false;
    },
  };
}

function throughLink(path: string): ShortPath {
  const folder = mkdtempSync(join(tmpdir(), "lg-"));
  const link = join(folder, "d");
  symlinkSync(dirname(path), link);
  return {
    path: join(link, basename(path)),
    release: () => rmSync(folder, { recursive: true, force: true }),
  };
}
