import { spawnSync } from "node:child_process";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, type TestContext } from "vitest";
import { networkPair } from "../../servers/netns.ts";
import { temporaryFolder } from "../../support/temp-folder.ts";
import { NOBODY, NOTHING, networkFor, PING_GROUPS } from "./other-users.ts";
import { PingerProcess } from "./pinger-process.ts";

/** The environment with a PATH on which only these programs are. */
function withPrograms(context: TestContext, ...programs: readonly string[]): NodeJS.ProcessEnv {
  const folder = temporaryFolder();
  onTestFinished(() => folder[Symbol.dispose]());
  spawnSync("chmod", ["755", folder.path]);
  for (const program of programs) {
    const path = spawnSync("which", [program], { encoding: "utf8" }).stdout.trim();
    if (path === "") context.skip(`SKIPPED: ${program} is not installed`);
    symlinkSync(path, join(folder.path, program));
  }
  for (const needed of ["ip", "setpriv"]) {
    const path = spawnSync("which", [needed], { encoding: "utf8" }).stdout.trim();
    symlinkSync(path, join(folder.path, needed));
  }
  return { ...process.env, PATH: folder.path };
}

it("a user without any capability pings where ping_group_range lets it", async (context) => {
  const { near } = networkFor(context, NOTHING);
  near.run(PING_GROUPS.open);
  const pinger = new PingerProcess([...near.prefix, ...NOTHING]);
  expect(await pinger.report("open")).toMatchObject({
    backend: "icmp-datagram",
    reason: expect.stringContaining("ping_group_range"),
  });
  pinger.set({ id: "4", address: "10.88.0.1" }, { id: "6", address: "fd88::1" });
  for (const id of ["4", "6"])
    for (const round of await pinger.next(id, 2))
      expect(round).toMatchObject({ received: 1, unmeasured: null });
});

it("a user whom nothing lets ping gets an error that says what to do, not a verdict", async (context) => {
  const { near } = networkFor(context, NOTHING);
  near.run(PING_GROUPS.closed);
  const error = await new PingerProcess([...near.prefix, ...NOTHING]).report("error");
  expect(error.code).toBe("PING_PRIVILEGE");
  expect(error.message).toContain("CAP_NET_RAW");
  expect(error.message).toContain("net.ipv4.ping_group_range");
});

describe.each(["icmp", "fping", "ping"] as const)("insisting on %s", (backend) => {
  it("does not help a user whom nothing lets ping", async (context) => {
    const { near } = networkFor(context, NOTHING);
    near.run(PING_GROUPS.closed);
    const environment = backend === "icmp" ? process.env : withPrograms(context, backend);
    const error = await new PingerProcess([...near.prefix, ...NOTHING], backend, environment).report("error");
    expect(error.code).toBe("PING_PRIVILEGE");
  });
});

describe.each([
  ["fping", ["fping", "ping"]],
  ["ping", ["ping"]],
] as const)("where only programs with capabilities of their own may ping, %s", (backend, programs) => {
  it("is used, answers, misses, and is told from silence", async (context) => {
    const environment = withPrograms(context, ...programs);
    const { near, far } = networkPair(context);
    near.run(PING_GROUPS.closed);
    far.filter("input", "ip daddr 10.88.0.2 icmp type echo-request drop");
    const pinger = new PingerProcess([...near.prefix, ...NOBODY], undefined, environment);
    const opened = await pinger.report("open");
    expect(opened).toMatchObject({
      backend,
      reason: expect.stringContaining("not unprivileged ICMP sockets"),
    });
    pinger.set(
      { id: "well", address: "10.88.0.1" },
      { id: "twin", address: "10.88.0.1" },
      { id: "six", address: "fd88::1", count: 2, timeout: 200 },
      { id: "silent", address: "10.88.0.2" },
      { id: "own", address: "203.0.113.1" },
    );
    for (const id of ["well", "twin"])
      for (const round of await pinger.next(id, 2))
        expect(round).toMatchObject({ sent: 1, received: 1, unmeasured: null });
    for (const round of await pinger.next("six", 2)) expect(round).toMatchObject({ sent: 2, received: 2 });
    for (const round of await pinger.next("silent", 1))
      expect(round).toMatchObject({ received: 0, unmeasured: null });
    for (const round of await pinger.next("own", 1))
      expect(round).toMatchObject({
        received: 0,
        unmeasured: backend === "fping" ? "backend" : "own-network",
      });
    pinger.remove("twin");
    await pinger.next("well", 2);
    const twins = pinger.of("twin").length;
    await pinger.next("well", 2);
    expect(pinger.of("twin")).toHaveLength(twins);
  });
});
