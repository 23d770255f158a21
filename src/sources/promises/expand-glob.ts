import { readdir, stat } from "node:fs/promises";
import { join, sep } from "node:path";

/** What a path with `*` names. */
export interface Expansion {
  /** Absolute paths, sorted. */
  readonly files: readonly string[];
  /** What could not be read, and why: what was there before may still be there. */
  readonly unreadable: ReadonlyMap<string, string>;
}

/**
 * Finds the files that a path with `*` names; the sign stands for any part of one name, a leading dot excepted. What is not there matches
 * nothing, except for the folder above everything: when that is missing, somebody forgot to mount it.
 */
export async function expandGlob(pattern: string): Promise<Expansion> {
  const unreadable = new Map<string, string>();
  const root = globRoot(pattern);
  const failed = (path: string, { code, message }: NodeJS.ErrnoException) => {
    if (path === root || (code !== "ENOENT" && code !== "ENOTDIR")) unreadable.set(path, message);
    return undefined;
  };
  let paths = [""];
  for (const segment of pattern.split(sep).filter((part) => part !== "")) {
    const next = await Promise.all(paths.map((path) => step(path, segment, failed)));
    paths = next.flat();
  }
  const files = await Promise.all(
    paths.map(async (path) =>
      (await stat(path).catch((error) => failed(path, error)))?.isFile() ? [path] : [],
    ),
  );
  return { files: files.flat().sort(), unreadable };
}

/** Whether a path is, or lies below, one of these. */
export function isBelow(path: string, folders: Iterable<string>): boolean {
  for (const folder of folders)
    if (path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep)) return true;
  return false;
}

/** The longest folder above everything that a glob can name: what to watch for new matches. */
export function globRoot(pattern: string): string {
  const segments = pattern.split(sep);
  const first = segments.findIndex((segment) => segment.includes("*"));
  return segments.slice(0, first).join(sep) || sep;
}

async function step(
  folder: string,
  segment: string,
  failed: (path: string, error: NodeJS.ErrnoException) => undefined,
): Promise<string[]> {
  if (!segment.includes("*")) return [`${folder}${sep}${segment}`];
  const names = (await readdir(folder || sep).catch((error) => failed(folder || sep, error))) ?? [];
  const parts = segment.split(/\*+/);
  return names
    .filter((name) => (segment.startsWith(".") || !name.startsWith(".")) && matches(name, parts))
    .map((name) => join(folder || sep, name));
}

/** Whether a name is these parts in order, with anything between them. */
function matches(name: string, parts: readonly string[]): boolean {
  const first = parts[0] ?? "";
  const last = parts.at(-1) ?? "";
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length)
    return false;
  let at = first.length;
  const end = name.length - last.length;
  for (const part of parts.slice(1, -1)) {
    const found = name.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}
