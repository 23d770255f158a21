import { type BigIntStats, lstatSync, readdirSync, readlinkSync, statSync } from "node:fs";
import { lstat, readdir, readlink, stat } from "node:fs/promises";
import { join } from "node:path";

/** Entries of a folder that are looked at together; more would only crowd the thread pool. */
const AT_ONCE = 32;

/**
 * Describes what is at a path in a short text: equal texts mean that nothing changed. A folder is described with its entries, but not with
 * what lies deeper. Never rejects.
 */
export async function pathFingerprint(path: string): Promise<string> {
  const own = await describe(path);
  if (!isFolder(own)) return own;
  const names = (await readdir(path).catch(() => [])).sort();
  const lines: string[] = [own];
  for (let index = 0; index < names.length; index += AT_ONCE) {
    const some = names.slice(index, index + AT_ONCE);
    lines.push(
      ...(await Promise.all(some.map(async (name) => `${name} ${await describe(join(path, name))}`))),
    );
  }
  return lines.join("\n");
}

/** The same at once, for where nothing may happen between the question and the answer. Never throws. */
export function pathFingerprintSync(path: string): string {
  const own = describeSync(path);
  if (!isFolder(own)) return own;
  let names: string[] = [];
  try {
    names = readdirSync(path).sort();
  } catch {
    // Gone since, or not to be read: like an empty one.
  }
  return [own, ...names.map((name) => `${name} ${describeSync(join(path, name))}`)].join("\n");
}

async function describe(path: string): Promise<string> {
  try {
    const link = await lstat(path, { bigint: true });
    if (!link.isSymbolicLink()) return text(link);
    const target = await readlink(path);
    const stats = await stat(path, { bigint: true }).catch(() => undefined);
    return linkText(target, stats);
  } catch (error) {
    return errorText(error);
  }
}

function describeSync(path: string): string {
  try {
    const link = lstatSync(path, { bigint: true });
    if (!link.isSymbolicLink()) return text(link);
    return linkText(readlinkSync(path), statSync(path, { bigint: true, throwIfNoEntry: false }));
  } catch (error) {
    return errorText(error);
  }
}

function isFolder(description: string): boolean {
  return description.startsWith("folder ");
}

/** A folder's own times are left out: its entries say more, and what lies deeper is none of the watcher's business. */
function text(stats: BigIntStats): string {
  if (stats.isDirectory()) return `folder ${stats.dev}:${stats.ino}`;
  return `file ${stats.dev}:${stats.ino} ${stats.size} ${stats.mode} ${stats.mtimeNs} ${stats.ctimeNs}`;
}

function linkText(target: string, stats: BigIntStats | undefined): string {
  return `${stats ? text(stats) : "dangling"} -> ${target}`;
}

function errorText(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? "unreadable";
}
