import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { LifeguardError } from "../../plugin/index.ts";

/** A user that promises run as. */
export interface RunAs {
  readonly uid: number;
  readonly gid: number;
  /** What such a user finds in its environment. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Finds out who `run_as` names.
 * @param user name or number
 * @param own lifeguard's own user id
 * @returns undefined when that is who lifeguard runs as anyway
 * @throws LifeguardError `USER_UNKNOWN`, or `CONFIG` when lifeguard may not change to that user
 */
export async function resolveRunAs(
  user: string | number,
  own: number | undefined,
): Promise<RunAs | undefined> {
  const ask = (option: string) =>
    promisify(execFile)("id", [option, "--", String(user)]).then(({ stdout }) => stdout.trim());
  let uid: number;
  let gid: number;
  let name: string;
  try {
    [uid, gid, name] = await Promise.all([ask("-u").then(Number), ask("-g").then(Number), ask("-un")]);
  } catch {
    // Whoever keeps the users may just be out of reach, so this is tried again.
    throw new LifeguardError("USER_UNKNOWN", `run_as: this machine knows no user ${JSON.stringify(user)}`);
  }
  if (uid === own) return undefined;
  if (own !== 0)
    throw new LifeguardError(
      "CONFIG",
      `run_as: promises cannot run as ${name}: only root may change users, and lifeguard runs as user ${own ?? "unknown"}`,
    );
  return { uid, gid, environment: { USER: name, LOGNAME: name, HOME: await homeOf(name) } };
}

/**
 * Refuses a priority that lifeguard may not give.
 * @throws LifeguardError `CONFIG`
 */
export function checkNice(nice: number | undefined, own: number | undefined): void {
  if (nice !== undefined && nice < 0 && own !== 0)
    throw new LifeguardError(
      "CONFIG",
      `nice: only root may raise a priority, and lifeguard runs as user ${own ?? "unknown"}`,
    );
}

async function homeOf(name: string): Promise<string> {
  const users = await readFile("/etc/passwd", "utf8").catch(() => "");
  const line = users.split("\n").find((user) => user.startsWith(`${name}:`));
  return line?.split(":")[5] || "/";
}
