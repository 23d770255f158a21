import { chmodSync, existsSync, mkdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { LifeguardError } from "../plugin/index.ts";
import { DataFiles } from "./data-files.ts";

/** The folder that holds everything one lifeguard keeps, for as long as its process holds it. */
export interface DataDirectory {
  /** Absolute. */
  readonly path: string;
  readonly journalFile: string;
  /** The persistent id of this lifeguard, kept beside the journal so that it outlives one. */
  readonly originFile: string;
  /** Where the command line reaches the running process. */
  readonly controlSocket: string;
  /** Files of single instances right in the directory. */
  readonly files: DataFiles;
  /** A folder for one instance's own files; made on first use. Different names never share one. */
  instanceFolder(kind: "source" | "sink", name: string): string;
  /** Lets another process have the directory. Idempotent. */
  close(): void;
}

const JOURNAL = "journal.sqlite";
const LOCK = "lock.sqlite";

/** SQLite's result codes for a lock that somebody else holds. */
const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;

/**
 * Opens a data directory: makes it, closes it to other users (mode 0700) and holds it until `close` or the end of the process, however
 * that comes.
 * @throws LifeguardError `DATA_LOCKED` while another process (or this one) holds it, `DATA_DIRECTORY` when it cannot be made or written
 */
export function openDataDirectory(path: string): DataDirectory {
  const folder = resolve(path);
  makePrivate(folder);
  const lock = hold(folder);
  return {
    path: folder,
    journalFile: join(folder, JOURNAL),
    originFile: join(folder, "origin"),
    controlSocket: join(folder, "control.sock"),
    files: new DataFiles(folder, [JOURNAL, LOCK]),
    instanceFolder(kind, name) {
      const own = join(folder, "instances", kind, safeName(name));
      mkdirSync(own, { recursive: true, mode: 0o700 });
      return own;
    },
    close() {
      if (lock.isOpen) lock.close();
    },
  };
}

/**
 * Makes a folder and those above it. Node's own way tries for ever where the parent is there and yet nothing can be made in it, as below
 * `/proc`.
 */
function makeFolder(folder: string): void {
  const parent = dirname(folder);
  if (!existsSync(parent)) makeFolder(parent);
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
}

function makePrivate(folder: string): void {
  try {
    makeFolder(folder);
  } catch (error) {
    throw unusable(folder, error);
  }
  try {
    chmodSync(folder, 0o700);
  } catch (error) {
    // A mounted volume often belongs to somebody else and is writable through its group: only the platform can change its mode.
    if ((error as NodeJS.ErrnoException).code !== "EPERM") throw unusable(folder, error);
  }
}

/**
 * Holds a write lock in a database of its own. The operating system drops it with the process, so a dead one never leaves it behind.
 * Nothing else may open that file in this process: closing any handle of it would drop the lock.
 */
function hold(folder: string): DatabaseSync {
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(join(folder, LOCK), { timeout: 0 });
    lock.exec("BEGIN EXCLUSIVE");
    return lock;
  } catch (error) {
    lock?.close();
    const { errcode } = error as { errcode?: number };
    if (errcode !== SQLITE_BUSY && errcode !== SQLITE_LOCKED) throw unusable(folder, error);
    throw new LifeguardError(
      "DATA_LOCKED",
      `data directory ${folder} is in use by another lifeguard: stop that one, or give this one a directory of its own (--data, or data: in monitors.yaml)`,
      { cause: error },
    );
  }
}

function unusable(folder: string, cause: unknown): LifeguardError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new LifeguardError(
    "DATA_DIRECTORY",
    `data directory ${folder} cannot be used: ${reason}; give one that this user may write (--data, or data: in monitors.yaml)`,
    { cause },
  );
}

/** A name as one path segment. `%` is escaped too, so that two names never meet. */
function safeName(name: string): string {
  return encodeURIComponent(name.toWellFormed()).replace(/^\.+$|[!'()*~]/g, (unsafe) =>
    [...unsafe].map((char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`).join(""),
  );
}
