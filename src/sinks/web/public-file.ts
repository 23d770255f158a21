import { constants } from "node:fs";
import { type FileHandle, lstat, open, realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Resource } from "../../plugin/index.ts";

/** What a path below a service names: an open regular file that the caller closes, a folder, or nothing that may be served. */
export type PublicFile =
  | { readonly kind: "file"; readonly handle: FileHandle; readonly size: number; readonly mtimeMs: number }
  | { readonly kind: "folder" }
  | undefined;

/**
 * Finds the public resource that a path names, and the rest of the path below it.
 * @param segments decoded, relative to the service or instance
 */
export function findResource(
  resources: readonly Resource[] | undefined,
  segments: readonly string[],
): { readonly resource: Resource; readonly rest: readonly string[] } | undefined {
  for (const resource of resources ?? []) {
    if (!resource.public) continue;
    const name = resource.name.split("/");
    if (name.length > segments.length || name.some((part, at) => part !== segments[at])) continue;
    const rest = segments.slice(name.length).filter((part, at, all) => part !== "" || at < all.length - 1);
    if (![...name, ...rest].every(isPlainName)) return undefined;
    return { resource, rest };
  }
  return undefined;
}

/**
 * Opens what stands at a path below a resource. Nothing is followed: neither the resource itself nor anything below it may be a symbolic
 * link, so that whoever can write to a folder that is served cannot serve the rest of the machine. Pipes and devices are refused.
 */
export async function openPublic(resource: Resource, rest: readonly string[]): Promise<PublicFile> {
  let handle: FileHandle | undefined;
  try {
    // The folders above the resource are the operator's own and may well be links (/var/run).
    const root = join(await realpath(dirname(resource.path)), basename(resource.path));
    const path = join(root, ...rest);
    handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const [opened, real, there] = await Promise.all([handle.stat(), realpath(path), lstat(path)]);
    // A link among the folders between shows in the real path; one that came and went while we looked shows in the inode.
    const honest = real === path && opened.dev === there.dev && opened.ino === there.ino;
    if (honest && opened.isDirectory()) return { kind: "folder" };
    if (!honest || !opened.isFile()) return undefined;
    const file = { kind: "file" as const, handle, size: opened.size, mtimeMs: opened.mtimeMs };
    handle = undefined;
    return file;
  } catch {
    return undefined;
  } finally {
    await handle?.close();
  }
}

/** No dot files, no way up, nothing that a file system could read as more than one name. */
function isPlainName(segment: string): boolean {
  return segment !== "" && !segment.startsWith(".") && !/[/\\\0]/.test(segment);
}
