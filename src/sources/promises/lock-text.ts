import { BOOT, identify, type ProcessIdentity } from "./process-identity.ts";

/** This process. */
export const SELF: ProcessIdentity = identify(process.pid) ?? { pid: process.pid, start: "" };

/** What a lock's file says. */
export interface Holder {
  /** The process for which it is held. */
  readonly process: ProcessIdentity;
  /** Of which boot of the machine; empty where the file does not tell. */
  readonly boot: string;
  /** The lifeguard that took it; undefined where another program made the file. */
  readonly owner: ProcessIdentity | undefined;
}

/** The text of a lock of this process: a pid file that says more than a number. */
export function renderHolder(holder: ProcessIdentity): string {
  return `${[holder.pid, holder.start, BOOT, SELF.pid, SELF.start].join("\n")}\n`;
}

/** Reads a lock, or a plain pid file; undefined for anything else. */
export function parseHolder(text: string): Holder | undefined {
  const [pid = "", start = "", boot = "", ownerPid = "", ownerStart = ""] = text
    .split("\n")
    .map((line) => line.trim());
  if (!/^\d+$/.test(pid)) return undefined;
  const owner = /^\d+$/.test(ownerPid) ? { pid: Number(ownerPid), start: ownerStart } : undefined;
  return { process: { pid: Number(pid), start }, boot, owner };
}

/** Whether a process with its start still exists. Numbers alone come back. */
export function isAlive({ pid, start }: ProcessIdentity, boot: string): boolean {
  return (boot === "" || boot === BOOT) && identify(pid)?.start === start;
}
