import { readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Logger } from "../../plugin/index.ts";
import type { Settings } from "./settings.ts";
import type { Vim } from "./vim.ts";
import { parseVimFile } from "./vim-file.ts";

/** A file larger than this is no VIM configuration. */
const LARGEST = 1024 * 1024;

interface Read {
  /** Tells one content from the next without reading it. */
  readonly stamp: string;
  /** What it said last that could be understood. */
  readonly vim: Vim | undefined;
  /** What is wrong with it now. */
  readonly problem: string | undefined;
}

/** Reads VIM configuration files: one file, the files of a folder, or those that a glob names. */
export class VimFiles {
  readonly #place: string;
  readonly #settings: Settings;
  readonly #log: Logger;
  #read = new Map<string, Read>();
  #told: ReadonlySet<string> = new Set();

  constructor(place: string, settings: Settings, log: Logger) {
    this.#place = place;
    this.#settings = settings;
    this.#log = log;
  }

  /** What to watch, to know when to look again. */
  get watched(): string {
    if (!isGlob(this.#place)) return this.#place;
    let folder = dirname(this.#place);
    while (isGlob(folder)) folder = dirname(folder);
    return folder;
  }

  /**
   * Looks at all files; those that did not change are not read again. One that cannot be understood, or not be read, is reported once, and
   * what it said before stands.
   */
  async look(): Promise<Vim[]> {
    const problems = new Set<string>();
    const files = await this.#files(problems);
    const read = new Map<string, Read>();
    for (const file of files) {
      const one = await this.#look(file);
      if (one) read.set(file, one);
    }
    this.#read = read;
    const vims = new Map<string, Vim>();
    const from = new Map<string, string>();
    for (const [file, { vim, problem }] of read) {
      if (problem !== undefined) problems.add(problem);
      if (!vim) continue;
      const first = from.get(vim.subject);
      if (first !== undefined) problems.add(`${file}: the name ${vim.name} is taken already, by ${first}`);
      else {
        vims.set(vim.subject, vim);
        from.set(vim.subject, file);
      }
    }
    this.#report(problems);
    return [...vims.values()];
  }

  #report(problems: ReadonlySet<string>): void {
    for (const problem of problems) if (!this.#told.has(problem)) this.#log.warn(problem);
    this.#told = problems;
  }

  async #look(file: string): Promise<Read | undefined> {
    const before = this.#read.get(file);
    try {
      const { mtimeMs, ctimeMs, size, ino } = await stat(file);
      const stamp = `${mtimeMs} ${ctimeMs} ${size} ${ino}`;
      if (before?.stamp === stamp) return before;
      if (size > LARGEST) throw new Error(`${file}: too large for a VIM configuration`);
      try {
        return {
          stamp,
          vim: parseVimFile(file, await readFile(file, "utf8"), this.#settings),
          problem: undefined,
        };
      } catch (error) {
        return { stamp, vim: before?.vim, problem: (error as Error).message };
      }
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === "ENOENT" || code === "ENOTDIR") return undefined;
      return { stamp: "", vim: before?.vim, problem: message };
    }
  }

  /** The files there are, sorted. What cannot be listed is not for certain gone, so its files stay. */
  async #files(problems: Set<string>): Promise<string[]> {
    const kept = (folder: string) => [...this.#read.keys()].filter((file) => dirname(file) === folder);
    const list = async (folder: string, wanted: (name: string) => boolean): Promise<string[]> => {
      try {
        return (await readdir(folder)).filter(wanted).map((name) => join(folder, name));
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        if (code === "ENOENT" || code === "ENOTDIR") {
          if (this.#read.size === 0) problems.add(`${folder}: there is no such folder yet`);
          return [];
        }
        problems.add(`${folder}: ${message}`);
        return kept(folder);
      }
    };
    if (isGlob(this.#place)) {
      const folders = await this.#folders(dirname(this.#place), list);
      const name = nameTest(basename(this.#place));
      return (await Promise.all(folders.map((folder) => list(folder, name)))).flat().sort();
    }
    const stats = await stat(this.#place).catch(() => undefined);
    if (stats?.isDirectory()) return (await list(this.#place, isYaml)).sort();
    if (!stats && this.#read.size === 0) problems.add(`${this.#place}: there is no such file or folder yet`);
    if (!stats && this.#read.size > 0 && !this.#read.has(this.#place)) return list(this.#place, isYaml);
    return [this.#place];
  }

  /** The folders that a pattern names, which may have stars in several of its parts. */
  async #folders(
    pattern: string,
    list: (folder: string, wanted: (name: string) => boolean) => Promise<string[]>,
  ): Promise<string[]> {
    if (!isGlob(pattern)) return [pattern];
    const above = await this.#folders(dirname(pattern), list);
    const name = nameTest(basename(pattern));
    return (await Promise.all(above.map((folder) => list(folder, name)))).flat();
  }
}

function isGlob(path: string): boolean {
  return path.includes("*");
}

function isYaml(name: string): boolean {
  return !name.startsWith(".") && /\.ya?ml$/i.test(name);
}

/** A test for one name: `*` stands for any part of it, a leading dot excepted. */
function nameTest(pattern: string): (name: string) => boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[\\^$.+?()[\]{}|]/g, "\\$&"));
  const test = new RegExp(`^${parts.join("[^/]*")}$`);
  return (name) => (pattern.startsWith(".") || !name.startsWith(".")) && test.test(name);
}
