import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
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
 * Who a child is that was started just now and not waited for yet: it has a number and a start even if it has ended by now.
 */
export function identifyChild(pid: number): ProcessIdentity {
  return { pid, start: afterName(read(`/proc/${pid}/stat`))[19] ?? "" };
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

function read(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
}
