import type { Stats } from "node:fs";
import { lstat, mkdir, readlink, rename, rmdir, stat, symlink, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Note } from "./note.ts";

/** Symbolic links that should be there: absolute path of the link, absolute path it leads to. */
export type Links = ReadonlyMap<string, string>;

/** Links wanted, and what was wrong with the wish. */
export interface Plan {
  readonly links: Links;
  readonly notes: readonly Note[];
}

/** One list of paths, and the folder that gets a link to each. */
export interface LinkList {
  readonly folder: string;
  readonly paths: readonly string[];
  /** The file that has the list, for the notes. */
  readonly from: string;
}

/** What the lists ask for. Where two paths have the same last name, the first has it. Pure. */
export function planLinks(lists: readonly LinkList[]): Plan {
  const links = new Map<string, string>();
  const notes: Note[] = [];
  for (const { folder, paths, from } of lists) {
    for (const path of paths) {
      const name = basename(path);
      const link = join(folder, name);
      const other = links.get(link);
      if (name === "") notes.push({ file: from, message: `cannot be linked: ${path}` });
      else if (other === undefined) links.set(link, path);
      else if (other !== path)
        notes.push({ file: from, message: `not linked: ${path}, since ${other} has the same name` });
    }
  }
  return { links, notes };
}

/** What keeping the trees needs to know. */
export interface KeepOptions {
  readonly wanted: Links;
  /** The links that lifeguard made before. */
  readonly owned: Links;
  /** Folders that monitor.conf names: they may be links themselves, and are never removed. */
  readonly roots: ReadonlySet<string>;
  /**
   * Told, before anything is made, of all links that may be lifeguard's own from then on, so that a crash makes none of them somebody
   * else's.
   */
  remember(links: Links): Promise<void>;
}

/** What keeping the trees did. */
export interface Kept {
  /** The links that are lifeguard's own now. */
  readonly owned: Links;
  readonly notes: readonly Note[];
}

/**
 * Makes the links that are wanted, and takes away those of lifeguard's own that are not wanted any more, with folders that became empty.
 * It never touches, replaces or goes through anything that it did not make. Never throws.
 */
export async function keepLinks({ wanted, owned, roots, remember }: KeepOptions): Promise<Kept> {
  const notes: Note[] = [];
  const mine = new Map(owned);
  for (const [link, target] of owned) {
    if (wanted.has(link)) continue;
    if (await removeLink(link, target, roots)) mine.delete(link);
  }
  const missing = new Map<string, string>();
  for (const [link, target] of wanted) {
    const problem = await obstacle(link, target, owned, roots);
    if (problem === "none") missing.set(link, target);
    else if (problem !== "there") notes.push({ file: link, message: problem });
    if (!(await stat(target).catch(() => undefined)))
      notes.push({ file: link, message: `leads nowhere: ${target} is not there` });
  }
  if (missing.size > 0) {
    await remember(new Map([...mine, ...missing]));
    for (const [link, target] of missing) {
      const error = await makeLink(link, target);
      if (error === undefined) mine.set(link, target);
      else notes.push({ file: link, message: `cannot be made: ${error}` });
    }
  }
  return { owned: mine, notes };
}

/** Takes away links that lifeguard made. Never throws. */
export async function removeLinks(owned: Links, roots: ReadonlySet<string>): Promise<void> {
  for (const [link, target] of owned) await removeLink(link, target, roots);
}

/** `there`: the link is right. `none`: it can be made. Anything else says why not. */
async function obstacle(
  link: string,
  target: string,
  owned: Links,
  roots: ReadonlySet<string>,
): Promise<string> {
  const folder = roots.has(dirname(link)) ? undefined : await status(dirname(link));
  if (folder && !folder.isDirectory()) return `not linked: ${dirname(link)} is not a folder of lifeguard's`;
  const stats = await status(link);
  if (!stats) return "none";
  if (!stats.isSymbolicLink()) return `not linked to ${target}: there is something else already`;
  const current = await readlink(link).catch(() => "");
  if (current === target) return "there";
  return owned.get(link) === current
    ? "none"
    : `not linked to ${target}: there is a link to ${current} already`;
}

async function makeLink(link: string, target: string): Promise<string | undefined> {
  const temporary = join(dirname(link), `.${basename(link)}.tmp`);
  try {
    await mkdir(dirname(link), { recursive: true });
    await unlink(temporary).catch(() => {});
    await symlink(target, temporary);
    await rename(temporary, link);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Whether there is nothing of ours left to remove: somebody else's link in its place is theirs. */
async function removeLink(link: string, target: string, roots: ReadonlySet<string>): Promise<boolean> {
  try {
    const current = await readlink(link).catch(() => undefined);
    if (current === target) await unlink(link);
    if (!roots.has(dirname(link))) await rmdir(dirname(link)).catch(() => {}); // Only ever an empty folder.
    return true;
  } catch {
    return false;
  }
}

async function status(path: string): Promise<Stats | undefined> {
  return lstat(path).catch(() => undefined);
}
