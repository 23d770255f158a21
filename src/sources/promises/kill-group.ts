/**
 * Signals every process of a group. It does not matter when there is none left, or when they belong to somebody else by now.
 * @param leader process id of the group's leader
 */
export function killGroup(leader: number, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(-leader, signal);
  } catch {
    // ESRCH or EPERM: nothing there that could be ended.
  }
}
