import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Writes an executable file. Returns its path. */
export function executable(folder: string, name: string, text: string | Buffer): string {
  return write(folder, name, text, 0o755);
}

/** Writes a shell script that is executable. Returns its path. */
export function script(folder: string, name: string, text: string): string {
  return executable(folder, name, `#!/bin/sh\n${text}\n`);
}

/** Writes a file with any rights, whatever the umask. Returns its path. */
export function write(folder: string, name: string, text: string | Buffer, mode = 0o644): string {
  const file = join(folder, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  chmodSync(file, mode);
  return file;
}
