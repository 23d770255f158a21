import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { promisify } from "node:util";

/**
 * A process, not only its number: numbers come back. Together with the boot they are unique.
 * `start` counts clock ticks since the boot; it is empty where the system does not tell.
 */
export interface ProcessIdentity {
  readonly pid: number;
  readonly start: string;
}

/** Names this boot of the machine; empty where the system does not tell. */
export const BOOT = read("/proc/sys/kernel/random/boot_id").trim();

/** Which process has this number now; undefined for none. */
export function identify(pid: number): ProcessIdentity | undefined {
  const stat = read(`/proc/${pid}/stat`);
  if (stat !== "") {
    const [state, ...fields] = afterName(stat);
    // A zombie has ended; it only waits for its parent to notice.
    return state === "Z" || state === "X" ? undefined : { pid, start: fields[18] ?? "" };
  }
  if (BOOT !== "") return undefined;
  return exists(pid) ? { pid, start: "" } : undefined;
}

/**
 * Finds a process that leads a session of its own and was started as this executable, directly or by its interpreter: that is how promises
 * are run. Looks at every process of the machine, so it is for recoveries only.
 */
export function findSession(executable: string): ProcessIdentity | undefined {
  for (const pid of list("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    const session = afterName(read(`/proc/${pid}/stat`))[3];
    if (session !== pid || !read(`/proc/${pid}/cmdline`, "utf8").split("\0").includes(executable)) continue;
    const found = identify(Number(pid));
    if (found) return found;
  }
  return undefined;
}

/** When a process was started, milliseconds since the epoch; undefined where that cannot be found out. */
export async function startedAt({ pid, start }: ProcessIdentity): Promise<number | undefined> {
  if (start !== "") {
    const boot = /^btime (\d+)$/m.exec(read("/proc/stat"))?.[1];
    // Linux counts in hundredths of a second here, whatever its own tick is.
    return boot === undefined ? undefined : Number(boot) * 1000 + Number(start) * 10;
  }
  const answer = await promisify(execFile)("ps", ["-o", "lstart=", "-p", String(pid)]).catch(() => undefined);
  const time = Date.parse(answer?.stdout.trim() ?? "");
  return Number.isNaN(time) ? undefined : time;
}

/** The fields of a stat line after the program's name, which may itself hold blanks and brackets. The first is the state. */
function afterName(stat: string): string[] {
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function read(file: string, encoding: BufferEncoding = "latin1"): string {
  try {
    return readFileSync(file, encoding);
  } catch {
    return "";
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
