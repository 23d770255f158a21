import { constants } from "node:fs";
import { type FileHandle, lstat, open, realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Resource } from "../../../plugin/index.ts";

/** The two trees of the seed: what everybody may see, and what is for those who have logged in. */
export type Tree = "public" | "private";

/** An open regular file, that the caller closes. */
export interface OpenFile {
  readonly kind: "file";
  readonly handle: FileHandle;
  readonly size: number;
  readonly mtimeMs: number;
  /** Differs for every other content, as well as a file system can tell. */
  readonly version: string;
}

/** An open folder, that the caller closes. */
export interface OpenFolder {
  readonly kind: "folder";
  readonly handle: FileHandle;
  /** Where it is: absolute, without links. */
  readonly path: string;
}

/** A resource, and the rest of a path below it. */
export interface FoundResource {
  readonly resource: Resource;
  readonly rest: readonly string[];
}

/** Whether a resource belongs to a tree. */
export function isIn(tree: Tree, resource: Resource): boolean {
  return resource.public === (tree === "public");
}

/**
 * Finds the resource of a tree that a path names, and the rest of the path below it.
 * @param segments decoded, relative to the service or instance
 */
export function findResource(
  resources: readonly Resource[] | undefined,
  tree: Tree,
  segments: readonly string[],
): FoundResource | undefined {
  for (const resource of resources ?? []) {
    if (!isIn(tree, resource)) continue;
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
 * @returns undefined for everything that may not be served
 */
export async function openResource({
  resource,
  rest,
}: FoundResource): Promise<OpenFile | OpenFolder | undefined> {
  let handle: FileHandle | undefined;
  try {
    // The folders above the resource are the operator's own and may well be links (/var/run).
    const root = join(await realpath(dirname(resource.path)), basename(resource.path));
    const path = join(root, ...rest);
    handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const [opened, real, there] = await Promise.all([
      handle.stat({ bigint: true }),
      realpath(path),
      lstat(path, { bigint: true }),
    ]);
    // A link among the folders between shows in the real path; one that came and went while we looked shows in the inode.
    const honest = real === path && opened.dev === there.dev && opened.ino === there.ino;
    if (!honest || !(opened.isDirectory() || opened.isFile())) return undefined;
    const found: OpenFile | OpenFolder = opened.isDirectory()
      ? { kind: "folder", handle, path }
      : {
          kind: "file",
          handle,
          size: Number(opened.size),
          mtimeMs: Number(opened.mtimeMs),
          version: [opened.ino, opened.size, opened.mtimeNs].map((part) => part.toString(36)).join("-"),
        };
    handle = undefined;
    return found;
  } catch {
    return undefined;
  } finally {
    await handle?.close();
  }
}

/** No dot files, no way up, nothing that a file system could read as more than one name. */
export function isPlainName(segment: string): boolean {
  return segment !== "" && !segment.startsWith(".") && !/[/\\\0]/.test(segment);
}
