import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

/** Clock ticks a second in /proc, on every Linux that Node runs on. */
const TICKS = 100;

/**
 * The share of one core that a process uses, its threads included, user and system.
 * @param ms for so long it is watched
 */
export async function cpuShare(pid: number, ms: number): Promise<number> {
  const [began, before] = [performance.now(), cpuSeconds(pid)];
  await pause(ms);
  return (cpuSeconds(pid) - before) / ((performance.now() - began) / 1000);
}

/** proc(5): utime and stime are fields 14 and 15; the second field is a name that may hold spaces. */
function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}
