import { constants, fstatSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { type Files, filesIn } from "./folder-files.ts";

const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;

/** Bytes of blanks that may follow a text, so that a shorter one needs no cut. */
const PADDING = 1024;

/**
 * A file that is replaced again and again, at once: a reader sees the old text or the new one, never a part.
 *
 * The new text goes into a hidden file beside it, which then takes its name. The old one is not thrown away but becomes the hidden file
 * of the next time: making and deleting an inode for each of a thousand runs a minute costs some file systems more than the run. A reader
 * that keeps the file open for longer than until the next replacement may see it change. A file that somebody has linked to is not used
 * again.
 *
 * Nothing is synced: what was written can be lost with the machine's power, and is written again at the next run. The truth is in the
 * journal, and a sync for each run would be most of its cost.
 */
export class ReplacedFile {
  readonly path: string;
  readonly #folder: string;
  readonly #names: readonly [string, string];
  /** Which of the two names the next text goes to. */
  #next: 0 | 1 = 0;
  /** Whether there is a file of that name to be used again. */
  #spare = false;

  /** @param path absolute; its folder must exist */
  constructor(path: string) {
    this.path = path;
    this.#folder = dirname(path);
    const hidden = (mark: string) => join(this.#folder, `.${basename(path)}.${mark}`.slice(-255));
    this.#names = [hidden("0"), hidden("1")];
  }

  /** Replaces its text. Not called again before it has settled. */
  async write(text: string): Promise<void> {
    const files = filesIn(this.#folder);
    const name = this.#names[this.#next];
    const other = this.#names[this.#next === 0 ? 1 : 0];
    try {
      const fd = (this.#spare && (await reuse(files, name))) || (await fresh(files, name));
      try {
        await files.write(fd, await fitted(files, fd, text));
      } finally {
        await files.close(fd);
      }
      const kept = await keep(files, this.path, other);
      await files.rename(name, this.path);
      this.#spare = kept;
      this.#next = this.#next === 0 ? 1 : 0;
    } catch (error) {
      await this.#tidy(files);
      throw error;
    }
  }

  /** Takes away the file and what is hidden beside it. Never rejects. */
  async remove(): Promise<void> {
    const files = filesIn(this.#folder);
    await this.#tidy(files);
    await attempt(() => files.unlink(this.path));
  }

  async #tidy(files: Files): Promise<void> {
    this.#spare = false;
    for (const name of this.#names) await attempt(() => files.unlink(name));
  }
}

/** Opens the hidden file; undefined where it is not fit to be used again. */
async function reuse(files: Files, name: string): Promise<number | undefined> {
  const fd = await attempt(() => files.open(name, O_WRONLY | O_NOFOLLOW));
  if (fd === undefined) return undefined;
  const stats = fstatSync(fd); // Of an open file: no disk is asked.
  if (stats.isFile() && stats.nlink === 1) return fd;
  await files.close(fd);
  return undefined;
}

async function fresh(files: Files, name: string): Promise<number> {
  const open = () => files.open(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o644);
  try {
    return await open();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    // A crash left it, or it is somebody else's file by now.
    await files.unlink(name);
    return open();
  }
}

/** The text, as long as what it is written over where that is a little longer; anything much longer is cut first. */
async function fitted(files: Files, fd: number, text: string): Promise<string> {
  const missing = fstatSync(fd).size - Buffer.byteLength(text);
  if (missing <= 0) return text;
  if (missing <= PADDING) return text + " ".repeat(missing);
  await files.truncate(fd, 0);
  return text;
}

/** Gives the old file a second name, under which it stays when the first is taken. Returns whether it has one. */
async function keep(files: Files, path: string, name: string): Promise<boolean> {
  try {
    await files.link(path, name);
    return true;
  } catch {
    // Nothing to keep, no links on this file system, or something in the way: all of them are no reason not to go on.
    await attempt(() => files.unlink(name));
    return false;
  }
}

async function attempt<Result>(work: () => Result | Promise<Result>): Promise<Result | undefined> {
  try {
    return await work();
  } catch {
    return undefined;
  }
}
