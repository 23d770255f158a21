import { LifeguardError } from "../../../plugin/index.ts";
import { openFping } from "./fping/open-fping.ts";
import { ThreadPinger } from "./icmp/thread-pinger.ts";
import { openPing } from "./ping/open-ping.ts";
import type { Pinger, PingerOptions } from "./port.ts";
import type { Refusal } from "./refusal.ts";

export type { PingCounters, Pinger, PingerOptions, PingRound, PingTarget, Unmeasured } from "./port.ts";

const BACKENDS = { icmp: ThreadPinger.open, fping: openFping, ping: openPing } as const;

/**
 * Opens the best pinger that this system and this user allow: sockets of our own (unprivileged, else raw), else fping, else the system's
 * ping. Which one it is and why not a better one, it says itself.
 * @throws LifeguardError `PING_PRIVILEGE` when nothing works for want of privilege, with what to do; `PING_BACKEND` when nothing works
 */
export async function openPinger(options: PingerOptions): Promise<Pinger> {
  const names = options.backend ? [options.backend] : (["icmp", "fping", "ping"] as const);
  const refusals: Refusal[] = [];
  for (const name of names) {
    const opened = await BACKENDS[name](options);
    if (!("denied" in opened)) return withHistory(opened, refusals);
    refusals.push(opened);
  }
  const tried = refusals.map(({ reason }) => reason).join("; ");
  if (refusals.some(({ denied }) => denied))
    throw new LifeguardError(
      "PING_PRIVILEGE",
      `this process may not ping: give it CAP_NET_RAW (systemd: AmbientCapabilities=CAP_NET_RAW; container: --cap-add NET_RAW), or let its ` +
        `group use unprivileged ICMP sockets (sysctl net.ipv4.ping_group_range="0 2147483647"). Tried: ${tried}`,
    );
  throw new LifeguardError(
    "PING_BACKEND",
    `nothing here can ping: install fping or ping, or run on Linux with a Node.js that has node:ffi. Tried: ${tried}`,
  );
}

/** Adds to a pinger's reason what was tried before it. */
function withHistory(pinger: Pinger & { reason: string }, refusals: readonly Refusal[]): Pinger {
  pinger.reason = [pinger.reason, ...refusals.map(({ reason }) => `not ${reason}`)].join("; ");
  return pinger;
}
