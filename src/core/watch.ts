import { type FSWatcher, watch as fsWatch, statSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { Observable } from "rxjs";
import type { Clock } from "../plugin/index.ts";
import { pathFingerprint, pathFingerprintSync } from "./path-fingerprint.ts";

/** How long a file must rest before its change is told, so that a half-written one is not read. */
const SETTLE_MS = 100;
/** A file that never rests is told about all the same, after so many times `settle`. */
const MOST_SETTLES = 10;
/** The system's notices miss network file systems, bind mounts and full tables; looking again does not. */
const POLL_MS = 3000;

/** How to watch. */
export interface WatchOptions {
  readonly clock: Clock;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Milliseconds that a path must rest before its change is told. Absent: 100. */
  readonly settle?: number | undefined;
}

/**
 * Watches files and folders (with their entries), also ones that do not exist yet: through renames by editors, swaps of symbolic links by
 * ConfigMaps, and folders that go and come back. Looks again every few seconds where the system gives no notice.
 * @param paths relative to the working directory or absolute
 * @param options `onChange` is called after something changed and then rested; it says only that it is time to look again
 */
export function watchPaths(
  paths: Iterable<string>,
  options: WatchOptions & { readonly onChange: () => void },
): void {
  if (!options.signal.aborted) new PathWatcher(paths, options).start();
}

/** Emits whenever `watchPaths` would call; never completes by itself. */
export function watch(path: string, options: WatchOptions): Observable<void> {
  return new Observable((subscriber) => {
    const closed = new AbortController();
    const signal = AbortSignal.any([options.signal, closed.signal]);
    watchPaths([path], { ...options, signal, onChange: () => subscriber.next() });
    return () => closed.abort();
  });
}

class PathWatcher {
  readonly #paths: readonly string[];
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #settle: number;
  readonly #onChange: () => void;
  /** Open notices of the system, by folder. */
  readonly #notices = new Map<string, { readonly watcher: FSWatcher; readonly inode: number }>();
  #known: string;
  #looking = false;
  /** Whether the system gave notice of something since the last look began. */
  #noticed = false;
  /** Since when something has been moving; undefined while all rests. */
  #movingSince: number | undefined;
  #cancelTimer: () => void = () => {};

  constructor(paths: Iterable<string>, options: WatchOptions & { readonly onChange: () => void }) {
    this.#paths = [...new Set([...paths].map((path) => resolve(path)))];
    this.#clock = options.clock;
    this.#signal = options.signal;
    this.#settle = options.settle ?? SETTLE_MS;
    this.#onChange = options.onChange;
    // At once, so that no change is missed that comes right after the caller has begun to watch.
    this.#known = this.#paths.map(pathFingerprintSync).join("\n\n");
  }

  start(): void {
    this.#signal.addEventListener("abort", () => this.#close(), { once: true });
    void this.#look();
  }

  #close(): void {
    this.#cancelTimer();
    for (const { watcher } of this.#notices.values()) watcher.close();
    this.#notices.clear();
  }

  /** Compares, and says when to compare again: soon while something moves, else at the next poll. */
  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    this.#noticed = false;
    await this.#openNotices();
    const seen = (await Promise.all(this.#paths.map(pathFingerprint))).join("\n\n");
    this.#looking = false;
    if (this.#signal.aborted) return;
    const moved = this.#known !== seen;
    this.#known = seen;
    const now = this.#clock.monotonic();
    if (moved) this.#movingSince ??= now;
    const since = this.#movingSince;
    const told = since !== undefined && (!moved || now - since >= this.#settle * MOST_SETTLES);
    if (told) this.#movingSince = undefined;
    this.#lookIn((moved && !told) || this.#noticed ? this.#settle : POLL_MS);
    if (told) this.#onChange();
  }

  #lookIn(ms: number): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#clock.setTimeout(() => void this.#look(), ms, this.#signal);
  }

  /** Opens a notice for every folder in which something can happen to a path, and closes those that became pointless. */
  async #openNotices(): Promise<void> {
    const wanted = new Set<string>();
    for (const path of this.#paths) {
      const real = await realpath(path).catch(() => path);
      for (const place of [path, real]) {
        wanted.add(nearestFolder(dirname(place)));
        if (inodeOf(place) !== undefined) wanted.add(place);
      }
    }
    if (this.#signal.aborted) return;
    for (const [folder, { watcher, inode }] of this.#notices)
      if (!wanted.has(folder) || inodeOf(folder) !== inode) {
        watcher.close();
        this.#notices.delete(folder);
      }
    for (const folder of wanted) this.#openNotice(folder);
  }

  #openNotice(folder: string): void {
    const inode = inodeOf(folder);
    if (inode === undefined || this.#notices.has(folder)) return;
    try {
      const watcher = fsWatch(folder, { persistent: false }, () => {
        // Something moved, ours or not: the fingerprints tell. What follows soon is part of the same look.
        if (!this.#noticed && !this.#looking && this.#movingSince === undefined)
          this.#lookIn(this.#settle / 2);
        this.#noticed = true;
      });
      watcher.on("error", () => {
        watcher.close();
        this.#notices.delete(folder);
      });
      this.#notices.set(folder, { watcher, inode });
    } catch {
      // No notices left, or the folder has gone: the poll finds out.
    }
  }
}

function nearestFolder(path: string): string {
  let folder = path;
  while (inodeOf(folder) === undefined && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}

/** The inode of a folder; undefined for anything else. */
function inodeOf(folder: string): number | undefined {
  try {
    const stats = statSync(folder, { throwIfNoEntry: false });
    return stats?.isDirectory() ? stats.ino : undefined;
  } catch {
    return undefined;
  }
}
