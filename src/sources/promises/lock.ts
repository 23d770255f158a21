import { readFile, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { writeAtomically } from "./atomic-write.ts";
import { filesIn } from "./folder-files.ts";
import { isAlive, parseHolder, renderHolder, SELF } from "./lock-text.ts";
import { forgetOwnerFile, ownerFile } from "./owner-file.ts";
import { findSession, identify, type ProcessIdentity, startedAt } from "./process-identity.ts";

/** Milliseconds for which a file that says nothing is believed to be just being written. */
const MOMENT = 10_000;

/** Milliseconds between two looks at a lock that somebody else has. */
const LOOK = 50;

/** Milliseconds after which a run counts as long: only then its process is written down. */
const LONG = 100;

/** Locks that this process has, so that one it lost track of is not taken for held. */
const own = new Set<string>();

/** The right to run a promise, on disk for every process to see. */
export interface Lock {
  /** Says which process it is now held for. */
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
  /** Milliseconds since that process, or the file, came to be. */
  readonly age: number;
}

const UNDECIDED: Held = { heldBy: 0, orphan: false, age: 0 };

/** What to take a lock for. */
export interface LockRequest {
  /** Absolute path of the lock's file. */
  readonly path: string;
  /** Absolute path of the promise. */
  readonly executable: string;
  /** Milliseconds to wait for somebody who has it. */
  readonly patience: number;
  readonly signal: AbortSignal;
}

/**
 * Takes a promise's lock, so that it never runs twice at a time: not by two lifeguards, and not beside a run that a killed lifeguard left.
 * While somebody has it, waits.
 *
 * The file is a pid file. Its first line is the number of the process for which it is held: this one, and, as soon as a run takes longer
 * than a moment, the promise itself. The lines after it say since when that process and this one exist, which tells them from others that
 * get their number later.
 *
 * @returns the lock, or who has it still
 * @throws when the file cannot be made
 */
export async function takeLock({ path, executable, patience, signal }: LockRequest): Promise<Lock | Held> {
  const deadline = performance.now() + patience;
  for (;;) {
    const lock = await tryLock(path, executable);
    if (!("heldBy" in lock) || signal.aborted || performance.now() + LOOK > deadline) return lock;
    await sleep(LOOK, undefined, { signal }).catch(() => {});
  }
}

async function tryLock(path: string, executable: string): Promise<Lock | Held> {
  if (own.has(path)) return { heldBy: SELF.pid, orphan: false, age: 0 };
  if (await create(path)) return held(path);
  const holder = await holderOf(path, executable);
  if (holder) return holder;
  return (await takeOver(path, executable)) ? held(path) : UNDECIDED;
}

/** Makes the file, with all that it says, in one step. Returns whether it was not there. */
async function create(path: string): Promise<boolean> {
  own.add(path);
  try {
    await linkOrWrite(path);
    return true;
  } catch (error) {
    own.delete(path);
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

async function linkOrWrite(path: string): Promise<void> {
  const folder = dirname(path);
  try {
    await filesIn(folder).link(await ownerFile(folder), path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") throw error;
    // Somebody cleaned up, or the file system has no links.
    if (code === "ENOENT") forgetOwnerFile(folder);
    await writeFile(path, renderHolder(SELF), { flag: "wx", mode: 0o644 });
  }
}

function held(path: string): Lock {
  let pid: number | undefined;
  let long: NodeJS.Timeout | undefined;
  let written: Promise<void> | undefined;
  const writeDown = async () => {
    const holder = pid === undefined ? undefined : identify(pid);
    if (holder) await writeAtomically(path, renderHolder(holder)).catch(() => {});
  };
  return {
    holdFor(process) {
      pid = process;
      clearTimeout(long);
      long = setTimeout(() => {
        written = writeDown();
      }, LONG);
    },
    async release(keep = false) {
      clearTimeout(long);
      await written;
      if (keep) await writeDown();
      else await remove(path);
      own.delete(path);
    },
  };
}

/**
 * Replaces a lock that nobody holds. Those who want to do that exclude each other by a second file; so none of them ever removes a lock
 * that another has just taken. Returns whether it is taken; else somebody else was first.
 */
async function takeOver(path: string, executable: string): Promise<boolean> {
  const guard = `${path}.takeover`;
  try {
    await writeFile(guard, "", { flag: "wx", mode: 0o644 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    // Whoever made it needs a moment only; one that stayed is a crash's.
    if ((await ageOf(guard)) >= MOMENT) await remove(guard);
    return false;
  }
  try {
    if (await holderOf(path, executable)) return false;
    await remove(path);
    return await create(path);
  } finally {
    await remove(guard);
  }
}

/** For whom a lock is held; undefined when it is held for nobody. */
async function holderOf(path: string, executable: string): Promise<Held | undefined> {
  const text = await readFile(path, "latin1").catch(() => undefined);
  if (text === undefined) return undefined;
  const holder = parseHolder(text);
  if (!holder) return (await ageOf(path)) < MOMENT ? UNDECIDED : undefined;
  const { process: promise, boot, owner } = holder;
  if (!owner) return plainPidFile(promise.pid, path);

  const orphan = !isAlive(owner, boot);
  if (promise.pid !== owner.pid && isAlive(promise, boot)) return heldFor(promise, orphan);
  if (!orphan) return owner.pid === SELF.pid ? undefined : heldFor(owner, false);
  // Its lifeguard died before it had written down which process it had started.
  const left = promise.pid === owner.pid ? findSession(executable) : undefined;
  return left && heldFor(left, true);
}

async function heldFor(holder: ProcessIdentity, orphan: boolean): Promise<Held> {
  const started = await startedAt(holder);
  return { heldBy: holder.pid, orphan, age: started === undefined ? 0 : Math.max(0, Date.now() - started) };
}

/** A pid file of another program names no start: its process did not start after the file was written. */
async function plainPidFile(pid: number, path: string): Promise<Held | undefined> {
  const [found, age] = [identify(pid), await ageOf(path)];
  const holder = found && (await heldFor(found, false));
  return holder && holder.age >= age - 2000 ? holder : undefined;
}

/** Takes a file away; never rejects. */
async function remove(path: string): Promise<void> {
  try {
    await filesIn(dirname(path)).unlink(path);
  } catch {
    // Somebody else did.
  }
}

/** Milliseconds since a file was written; without end for one that is not there. */
async function ageOf(path: string): Promise<number> {
  return stat(path).then(
    ({ mtimeMs }) => Math.abs(Date.now() - mtimeMs),
    () => Number.POSITIVE_INFINITY,
  );
}
