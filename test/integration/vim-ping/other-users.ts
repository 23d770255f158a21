import { spawnSync } from "node:child_process";
import type { TestContext } from "vitest";
import { networkPair, type Pair } from "../../servers/netns.ts";

/** Words in front of a command that make it somebody else's, who has no capability but those of the programs that it starts. */
export const NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];

/** The same where not even a program with capabilities of its own has any. */
export const NOTHING = [...NOBODY, "--inh-caps=-all", "--bounding-set=-all"];

/** Commands that let everybody, or nobody, have unprivileged ICMP sockets. */
export const PING_GROUPS = {
  open: "sysctl -qw net.ipv4.ping_group_range=0\t2147483647",
  closed: "sysctl -qw net.ipv4.ping_group_range=1\t0",
};

/** Two networks where that user may run this program; skips the test, and says so, where it may not. */
export function networkFor(context: TestContext, user: readonly string[]): Pair {
  const pair = networkPair(context);
  const [file, ...words] = [...pair.near.prefix, ...user, process.execPath, "-e", ""] as [
    string,
    ...string[],
  ];
  const { status, stderr } = spawnSync(file, words, { encoding: "utf8" });
  if (status !== 0) context.skip(`SKIPPED: ${user.join(" ")} cannot run Node here: ${stderr.trim()}`);
  return pair;
}
