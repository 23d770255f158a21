import { expect, it } from "vitest";
import { NOTHING, networkFor, PING_GROUPS } from "./other-users.ts";
import { VimWatcher } from "./vim-watcher.ts";

/* The whole program as a user who has no capability whatsoever. */

const ADDRESSES = ["10.88.0.1", "fd88::1"];

it("a user whom ping_group_range lets ping watches VIMs, and says by what", async (context) => {
  const { near } = networkFor(context, NOTHING);
  near.run(PING_GROUPS.open);
  const watcher = new VimWatcher(ADDRESSES, { interval: "500ms" }, [...near.prefix, ...NOTHING]);
  await watcher.all("REACHABLE", 2);
  expect(watcher.lifeguard.output).toContain(
    "VIMs are asked by icmp-datagram: net.ipv4.ping_group_range allows unprivileged ICMP sockets",
  );
});

it("a user who may not ping at all is told what to do, VIMs are unknown, and all is well once it may", async (context) => {
  const { near } = networkFor(context, NOTHING);
  near.run(PING_GROUPS.closed);
  const watcher = new VimWatcher(ADDRESSES, { interval: "500ms" }, [...near.prefix, ...NOTHING]);
  await watcher.all("UNKNOWN", 2);
  for (const address of ADDRESSES) {
    const event = watcher.latest(address);
    expect(event?.data.data).toMatchObject({ error: "privilege" });
    expect(event?.data.message).toContain("CAP_NET_RAW");
    expect(event?.data.message).toContain("net.ipv4.ping_group_range");
  }
  near.run(PING_GROUPS.open);
  await watcher.all("REACHABLE", 2);
  expect(watcher.of("vim.unreachable")).toEqual([]);
  expect(watcher.of("vim.monitor_deleted")).toEqual([]);
});
