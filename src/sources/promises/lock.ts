import { close, open, readFile, type Stats, stat, unlink, write } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { BOOT, identify, identifyChild, type ProcessIdentity, startedAt } from "./process-identity.ts";

// Callbacks of `node:fs` cost half of what its promises do, and every run of a promise comes through here.
const files = {
  close: promisify(close),
  open: promisify(open),
  readFile: promisify(readFile),
  stat: promisify(stat),
  unlink: promisify(unlink),
  write: promisify(write),
};

/** Milliseconds for which a lock without a living promise is believed: its owner is just writing or removing it. */
const MOMENT = 10_000;

/** Milliseconds between two looks at a lock that somebody else has. */
const LOOK = 50;

/** Locks that this process has, so that one it lost track of is not taken for held. */
const own = new Set<string>();

/** The right to run a promise, on disk for every process to see. */
export interface Lock {
  /** Says which process it is now held for. Call it before that process has been waited for. */
  holdFor(pid: number): void;
  /** Gives it back. With `keep`, the file stays until the process that it names has ended. Never rejects. */
  release(keep?: boolean): Promise<void>;
}

/** Somebody else has it. */
export interface Held {
  /** The process for which it is held; 0 while that is just being decided. */
  readonly heldBy: number;
  /** Whether that is a promise whose lifeguard is gone, so that nobody will ever stop it. */
  readonly orphan: boolean;
  /** Milliseconds since it was taken. */
  readonly age: number;
}

const UNDECIDED: Held = { heldBy: 0, orphan: false, age: 0 };

/** This process. */
const self = identify(process.pid) ?? { pid: process.pid, start: "" };

/**
 * Takes a promise's lock, so that it never runs twice at a time: not by two lifeguards, and not beside a run that a killed lifeguard left.
 * While somebody has it, waits.
 *
 * The file is a pid file: its first line is the number of the process that runs, first this one, then the promise. The lines after it say
 * since when that process and this one exist, which tells them from others that get their number later.
 *
 * @param patience milliseconds to wait
 * @returns the lock, or who has it still
 * @throws when the file cannot be written
 */
export async function takeLock(path: string, patience: number, signal: AbortSignal): Promise<Lock | Held> {
  const deadline = performance.now() + patience;
  for (;;) {
    const lock = await tryLock(path);
    if (!("heldBy" in lock) || signal.aborted || performance.now() + LOOK > deadline) return lock;
    await sleep(LOOK, undefined, { signal }).catch(() => {});
  }
}

async function tryLock(path: string): Promise<Lock | Held> {
  const lock = await create(path);
  if (lock) return lock;
  const holder = await holderOf(path);
  if (holder !== undefined) return holder;
  return (await takeOver(path)) ?? UNDECIDED;
}

/** Makes the file; undefined when it is there already. */
async function create(path: string): Promise<Lock | undefined> {
  let fd: number;
  try {
    fd = await files.open(path, "wx", 0o644);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return undefined;
    throw error;
  }
  own.add(path);
  let written: Promise<unknown> = files.write(fd, render(self, self), 0).catch(() => {});
  await written;
  return {
    holdFor(pid) {
      const text = render(identifyChild(pid), self);
      written = written.then(() => files.write(fd, text, 0)).catch(() => {});
    },
    async release(keep = false) {
      own.delete(path);
      await written;
      await Promise.all([files.close(fd), keep || files.unlink(path)]).catch(() => {});
    },
  };
}

/**
 * Replaces a lock that nobody holds. Those who want to do that exclude each other by a second file; so none of them ever removes a lock
 * that another has just taken.
 * @returns undefined when somebody else was first
 */
async function takeOver(path: string): Promise<Lock | undefined> {
  const guard = `${path}.takeover`;
  try {
    await files.close(await files.open(guard, "wx", 0o644));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    // Whoever made it needs a moment only; one that stayed is a crash's.
    if (await isOld(guard)) await files.unlink(guard).catch(() => {});
    return undefined;
  }
  try {
    if ((await holderOf(path)) !== undefined) return undefined;
    await files.unlink(path).catch(() => {});
    return await create(path);
  } finally {
    await files.unlink(guard).catch(() => {});
  }
}

/** For whom a lock is held; undefined when it is held for nobody. */
async function holderOf(path: string): Promise<Held | undefined> {
  let text: string;
  let stats: Stats;
  try {
    [text, stats] = await Promise.all([files.readFile(path, "latin1"), files.stat(path)]);
  } catch {
    return undefined;
  }
  const age = Math.abs(Date.now() - stats.mtimeMs);
  const fresh = age < MOMENT;
  const [pid = "", start = "", boot = "", ownerPid = "", ownerStart = ""] = text
    .split("\n")
    .map((line) => line.trim());
  if (!/^\d+$/.test(pid)) return fresh ? UNDECIDED : undefined;
  if (boot !== "" && boot !== BOOT) return undefined;

  const owner = /^\d+$/.test(ownerPid) ? identify(Number(ownerPid)) : undefined;
  const ownerLives =
    owner !== undefined && owner.start === ownerStart && (owner.pid !== self.pid || own.has(path));
  const ownsItself = pid === ownerPid && start === ownerStart;
  if (ownsItself) return ownerLives ? { heldBy: owner.pid, orphan: false, age } : undefined;

  const holder = identify(Number(pid));
  const lives = holder && (start === "" ? await wasThere(holder, stats) : start === holder.start);
  if (lives) return { heldBy: holder.pid, orphan: start !== "" && !ownerLives, age };
  return ownerLives && fresh ? { heldBy: owner.pid, orphan: false, age } : undefined;
}

/** Whether a process that a file names without its start can be the one meant: it did not start after the file was written. */
async function wasThere(holder: ProcessIdentity, { mtimeMs }: Stats): Promise<boolean> {
  const started = await startedAt(holder);
  return started === undefined || started <= mtimeMs + 2000;
}

async function isOld(path: string): Promise<boolean> {
  return files.stat(path).then(
    ({ mtimeMs }) => Math.abs(Date.now() - mtimeMs) >= MOMENT,
    () => false,
  );
}

/** Every field has its full width, so that writing over the file changes it at once and leaves nothing of what was there. */
function render(holder: ProcessIdentity, owner: ProcessIdentity): string {
  const fields = [String(holder.pid), holder.start, BOOT, String(owner.pid), owner.start];
  return `${fields.map((field, index) => field.padEnd(index === 2 ? 36 : 20)).join("\n")}\n`;
}
