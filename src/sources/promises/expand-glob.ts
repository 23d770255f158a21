import { readdir, stat } from "node:fs/promises";
import { join, sep } from "node:path";

/**
 * The files that a path with `*` names; the sign stands for any part of one name, a leading dot excepted. What cannot be read matches
 * nothing.
 * @returns absolute paths, sorted
 */
export async function expandGlob(pattern: string): Promise<string[]> {
  let paths = [""];
  for (const segment of pattern.split(sep).filter((part) => part !== "")) {
    const next = await Promise.all(paths.map((path) => step(path, segment)));
    paths = next.flat();
  }
  const files = await Promise.all(
    paths.map(async (path) => ((await stat(path).catch(() => undefined))?.isFile() ? [path] : [])),
  );
  return files.flat().sort();
}

/** The longest folder above everything that a glob can name: what to watch for new matches. */
export function globRoot(pattern: string): string {
  const segments = pattern.split(sep);
  const first = segments.findIndex((segment) => segment.includes("*"));
  return segments.slice(0, first).join(sep) || sep;
}

async function step(folder: string, segment: string): Promise<string[]> {
  if (!segment.includes("*")) return [`${folder}${sep}${segment}`];
  const names = await readdir(folder || sep).catch(() => []);
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
