import type { Stats } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import { readHead } from "./exec-failure.ts";
import type { Note } from "./note.ts";
import { plainName } from "./plain-name.ts";

/** An executable in a promise folder. */
export interface FoundPromise {
  /** The file's name, unchanged; of one that must not be run, with U+FFFD for what cannot be shown. */
  readonly id: string;
  /** Absolute path. */
  readonly file: string;
  /** Absolute path of its `.cfg`; undefined where there is none. */
  readonly cfg: string | undefined;
  /** Why it must not be run; undefined for one that may. */
  readonly refused: string | undefined;
}

/** What the promise folders hold. */
export interface Discovered {
  /** By id. */
  readonly promises: ReadonlyMap<string, FoundPromise>;
  /** Folders that could not be read, and why. */
  readonly unreadable: ReadonlyMap<string, string>;
  readonly notes: readonly Note[];
}

const CFG = ".cfg";

/**
 * Looks for promises: executable files, in these folders alone and not below them, hidden files and `.cfg` files left out.
 * Where two folders have the same name, the later folder's counts. Never throws.
 */
export async function discover(folders: readonly string[]): Promise<Discovered> {
  const promises = new Map<string, FoundPromise>();
  const unreadable = new Map<string, string>();
  const notes: Note[] = [];
  for (const folder of folders) {
    try {
      for (const found of await look(folder, notes)) {
        const other = promises.get(found.id);
        if (other)
          notes.push({ file: other.file, message: `not run: ${found.file} has the same name and counts` });
        promises.set(found.id, found);
      }
    } catch (error) {
      unreadable.set(folder, (error as Error).message);
    }
  }
  return { promises, unreadable, notes };
}

async function look(folder: string, notes: Note[]): Promise<FoundPromise[]> {
  // As bytes, since a name need not be text: such a file is there all the same, and must not go unseen.
  const entries = (await readdir(folder, { encoding: "buffer" }))
    .map((bytes) => ({ name: bytes.toString(), path: Buffer.concat([Buffer.from(folder + sep), bytes]) }))
    .filter(({ name }) => !name.startsWith("."));
  const names = entries.map(({ name }) => name).sort();
  const files = new Map<string, Stats>();
  await Promise.all(
    entries.map(async ({ name, path }) => {
      // A file that vanished meanwhile, or a dangling link, is no promise.
      const stats = await stat(path).catch(() => undefined);
      if (stats?.isFile()) files.set(name, stats);
    }),
  );
  const found: FoundPromise[] = [];
  for (const name of names) {
    const stats = files.get(name);
    if (!stats) continue;
    const file = join(folder, name);
    const executable = (stats.mode & 0o111) !== 0;
    if (name.endsWith(CFG)) {
      const owner = files.get(name.slice(0, -CFG.length));
      if (!owner) notes.push({ file, message: "there is no executable of this name beside it" });
    } else if (!executable) {
      // A script that somebody forgot to make executable; a README is just not meant to be one.
      if ((await readHead(file, 2)).equals(Buffer.from("#!")))
        notes.push({ file, message: "a script, but not executable, so it is no promise" });
    } else {
      const cfg = files.has(name + CFG) ? file + CFG : undefined;
      found.push({ id: plainName(name), file, cfg, refused: refusal(name, stats) });
    }
  }
  return found;
}

function refusal(name: string, stats: Stats): string | undefined {
  if ((stats.mode & 0o002) !== 0)
    return "not run: anybody may write to this file; take that right away (chmod o-w)";
  if (name.includes("\uFFFD")) return "not run: the file's name is not valid UTF-8; rename it";
  if (plainName(name) !== name)
    return `not run: the file's name ${JSON.stringify(name)} holds control characters; rename it`;
  return undefined;
}
