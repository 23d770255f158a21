import { lstat, opendir } from "node:fs/promises";
import { join } from "node:path";
import { isPlainName, type OpenFolder } from "./resource-file.ts";

/** Most names of a folder that are looked at, and most that are shown. */
const MAX_NAMES = 10_000;
const MAX_ENTRIES = 1000;

/** One file or folder in a folder. */
export interface Entry {
  readonly name: string;
  readonly folder: boolean;
  /** Bytes. */
  readonly size: number;
  readonly mtimeMs: number;
}

/** What a folder shows. */
export interface Listing {
  /** By name, folders first. */
  readonly entries: readonly Entry[];
  /** Whether there is more than is told. */
  readonly more: boolean;
}

/** Lists an open folder, and closes it: what of it would be served, so neither dot files nor links, pipes and devices. */
export async function readListing({ handle, path }: OpenFolder): Promise<Listing> {
  // Through the open folder, so that a link that was put in its place meanwhile is not followed.
  const folder = process.platform === "linux" ? `/proc/self/fd/${handle.fd}` : path;
  try {
    const names: { readonly name: string; readonly folder: boolean }[] = [];
    let seen = 0;
    for await (const entry of await opendir(folder)) {
      if (++seen > MAX_NAMES) break;
      if (isPlainName(entry.name) && (entry.isFile() || entry.isDirectory()))
        names.push({ name: entry.name, folder: entry.isDirectory() });
    }
    names.sort((a, b) => Number(b.folder) - Number(a.folder) || (a.name < b.name ? -1 : 1));
    const entries = await Promise.all(
      names.slice(0, MAX_ENTRIES).map(async (one) => {
        const stats = await lstat(join(folder, one.name)).catch(() => undefined);
        return stats && { ...one, size: stats.size, mtimeMs: stats.mtimeMs };
      }),
    );
    return {
      entries: entries.filter((entry) => entry !== undefined),
      more: seen > MAX_NAMES || names.length > MAX_ENTRIES,
    };
  } finally {
    await handle.close();
  }
}
