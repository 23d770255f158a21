import * as fs from "node:fs";
import { statfs } from "node:fs/promises";
import { promisify } from "node:util";

type Awaitable<Value> = Value | Promise<Value>;

/** The file work of every run of a promise. */
export interface Files {
  open(path: string, flags: number, mode?: number): Awaitable<number>;
  write(fd: number, text: string): Awaitable<unknown>;
  truncate(fd: number, length: number): Awaitable<void>;
  close(fd: number): Awaitable<void>;
  link(from: string, to: string): Awaitable<void>;
  rename(from: string, to: string): Awaitable<void>;
  unlink(path: string): Awaitable<void>;
}

/** File systems of the machine itself, by the numbers that statfs gives: ext, XFS, btrfs, tmpfs, overlay, F2FS, ZFS. */
const LOCAL = new Set([0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x794c7630, 0xf2f52010, 0x2fc12fc1]);

/** Milliseconds from which a call is taken as a sign that the disk is busy; less may be other programs' turn of the processor. */
const SLOW = 20;

/** Milliseconds for which nothing is done in the main thread after that. */
const CAUTION = 15_000;

const local = new Set<string>();
let cautiousUntil = Number.NEGATIVE_INFINITY;

/** In another thread: nothing waits for the disk, and each call costs as much as four in this one. */
const patient: Files = {
  open: promisify(fs.open),
  write: (fd, text) => promisify(fs.write)(fd, text, 0, "utf8"),
  truncate: promisify(fs.ftruncate),
  close: promisify(fs.close),
  link: promisify(fs.link),
  rename: promisify(fs.rename),
  unlink: promisify(fs.unlink),
};

/** In this thread, on what is a matter of microseconds. */
const quick: Files = {
  open: (path, flags, mode) => timed(() => fs.openSync(path, flags, mode)),
  write: (fd, text) => timed(() => fs.writeSync(fd, text, 0, "utf8")),
  truncate: (fd, length) => timed(() => fs.ftruncateSync(fd, length)),
  close: (fd) => timed(() => fs.closeSync(fd)),
  link: (from, to) => timed(() => fs.linkSync(from, to)),
  rename: (from, to) => timed(() => fs.renameSync(from, to)),
  unlink: (path) => timed(() => fs.unlinkSync(path)),
};

/**
 * Finds out whether a folder lies on a disk of this machine. On any other (a network file system may hang for ever), and until this has
 * been done, files are worked on in another thread.
 */
export async function learnFolder(folder: string): Promise<void> {
  const stats = await statfs(folder).catch(() => undefined);
  if (stats && LOCAL.has(stats.type)) local.add(folder);
  else local.delete(folder);
}

/**
 * How to work on the files of a folder: in this thread while its disk answers at once, in another as soon as it does not. Every run of a
 * promise changes half a dozen files' entries; handing each to a thread would cost as much as the promise.
 */
export function filesIn(folder: string): Files {
  return local.has(folder) && performance.now() >= cautiousUntil ? quick : patient;
}

function timed<Result>(work: () => Result): Result {
  const began = performance.now();
  try {
    return work();
  } finally {
    const ended = performance.now();
    if (ended - began > SLOW) cautiousUntil = ended + CAUTION;
  }
}
