import { describe, expect, it } from "vitest";
import { networkPair } from "../../servers/netns.ts";
import { until } from "../../support/until.ts";
import { PingerProcess } from "./pinger-process.ts";

/** Both kinds of socket: the kernel hands out replies and errors in different ways. */
const KINDS = [
  ["icmp-raw", "1 0"],
  ["icmp-datagram", "0 2147483647"],
] as const;

describe.each(KINDS)("through %s", (backend, range) => {
  it("hears those who answer over IPv4 and IPv6, and calls nobody else reachable", async (context) => {
    const { near, far } = networkPair(context);
    near.run(`sysctl -qw net.ipv4.ping_group_range=${range.replace(" ", "\t")}`);
    far.filter("input", "ip daddr 10.88.0.2 icmp type echo-request drop");
    far.filter("input", "ip daddr 10.88.0.3 icmp type echo-request reject with icmp type admin-prohibited");
    far.filter("input", "ip daddr 10.88.0.4 icmp type echo-request reject with icmp type host-unreachable");
    far.filter("input", "ip6 daddr fd88::2 icmpv6 type echo-request drop");
    far.filter(
      "input",
      "ip6 daddr fd88::3 icmpv6 type echo-request reject with icmpv6 type admin-prohibited",
    );
    const pinger = new PingerProcess(near.prefix);
    expect(await pinger.report("open")).toMatchObject({ backend });
    const linkLocal = /fe80::[0-9a-f:]+/.exec(far.run("ip -6 address show dev far scope link"))?.[0];
    const interval = 1000;
    const addresses = [
      "10.88.0.1",
      "10.88.0.2",
      "10.88.0.3",
      "10.88.0.4",
      "fd88::1",
      "fd88::2",
      "fd88::3",
      "::ffff:10.88.0.1",
      `${linkLocal}%near`,
    ];
    pinger.set(...addresses.map((address) => ({ id: address, address, interval })));
    for (const rounds of (await pinger.nextOf(["10.88.0.1", "fd88::1", "::ffff:10.88.0.1"], 3)).values())
      for (const round of rounds) {
        expect(round).toMatchObject({ sent: 1, received: 1, unmeasured: null, reason: null });
        expect(round.times[0]).toBeGreaterThan(0);
        expect(round.times[0]).toBeLessThan(300);
      }
    const reasons: Array<[string, string | null]> = [
      ["10.88.0.2", null],
      ["fd88::2", null],
      ["10.88.0.3", "administratively prohibited from 10.88.0.3"],
      ["10.88.0.4", "host unreachable from 10.88.0.4"],
      ["fd88::3", "administratively prohibited from fd77::2"],
    ];
    for (const [id, reason] of reasons) {
      await until(`three rounds of ${id}`, () => pinger.of(id).length >= 3);
      for (const round of pinger.of(id)) expect(round).toMatchObject({ received: 0, unmeasured: null });
      if (reason === null) expect(pinger.of(id).every((round) => round.reason === null)).toBe(true);
      else expect(pinger.of(id).map((round) => round.reason)).toContain(reason);
    }
    // The link-local address of the far end is usable once the system has looked for its double.
    await until("the link-local address answers", () =>
      pinger.of(`${linkLocal}%near`).some(({ received }) => received === 1),
    );
    const counters = await pinger.counters();
    expect(counters).toMatchObject({ duplicate: 0, forged: 0 });
  });

  it("says why a host is not found on its own network, and that a way is too long", async (context) => {
    const { near, far } = networkPair(context);
    near.run(`sysctl -qw net.ipv4.ping_group_range=${range.replace(" ", "\t")}`);
    far.run("sysctl -qw net.ipv4.ip_forward=1");
    far.run("ip route add 10.99.0.0/16 via 10.77.0.1");
    near.run("ip route add 10.99.0.0/16 via 10.77.0.2 hoplimit 1");
    const pinger = new PingerProcess(near.prefix);
    pinger.set(
      { id: "nobody", address: "10.77.0.99" },
      { id: "far away", address: "10.99.0.1" },
      { id: "well", address: "10.88.0.1" },
    );
    await until("somebody says that nobody is there", () =>
      pinger.of("nobody").some(({ reason }) => reason?.startsWith("host unreachable")),
    );
    await until("a router gives up", () =>
      pinger.of("far away").some(({ reason }) => reason?.startsWith("time to live exceeded from 10.77.0.2")),
    );
    for (const round of pinger.rounds) expect(round.unmeasured).toBeNull();
    expect(pinger.of("well").every(({ received }) => received === 1)).toBe(true);
  });

  it("takes its own missing ways for its own fault", async (context) => {
    const { near } = networkPair(context);
    near.run(`sysctl -qw net.ipv4.ping_group_range=${range.replace(" ", "\t")}`);
    near.run("ip route add blackhole 10.66.1.0/24");
    near.run("ip route add prohibit 10.66.2.0/24");
    near.run("ip route add unreachable 10.66.3.0/24");
    near.filter("output", "ip daddr 10.88.0.9 drop");
    const pinger = new PingerProcess(near.prefix);
    const targets = {
      "203.0.113.1": "own-network",
      "2001:db8::1": "own-network",
      "fe80::1%nowhere": "own-network",
      "10.66.1.1": "own-network",
      "10.66.2.1": "privilege",
      "10.66.3.1": null,
      "10.88.0.9": "privilege",
    };
    pinger.set(...Object.keys(targets).map((address) => ({ id: address, address })), {
      id: "well",
      address: "10.88.0.1",
    });
    for (const [id, rounds] of await pinger.nextOf(Object.keys(targets), 2))
      for (const round of rounds) {
        const unmeasured = targets[id as keyof typeof targets];
        expect(round, id).toMatchObject({ received: 0, unmeasured, reason: expect.stringMatching(/./) });
      }
    expect(pinger.of("well").every(({ received }) => received === 1)).toBe(true);
    // The cable is pulled: nobody is to blame for that but us.
    near.run("ip link set near down");
    await until("the cut is noticed", () => pinger.of("well").at(-1)?.unmeasured === "own-network");
    near.run("ip link set near up");
    near.run("ip route add 10.88.0.0/16 via 10.77.0.2");
    await until("it answers again", () => pinger.of("well").at(-1)?.received === 1);
    expect(
      pinger.of("well").filter(({ received, unmeasured }) => received === 0 && unmeasured === null).length,
    ).toBeLessThanOrEqual(1);
  });
});

it("confirms a loss in count times the time-out, and goes back to the interval", async (context) => {
  const { near, far } = networkPair(context);
  const pinger = new PingerProcess(near.prefix);
  pinger.set({ id: "a", address: "10.88.0.1", interval: 2000, timeout: 300, confirm: 3 });
  await pinger.next("a", 1);
  far.filter("input", "icmp type echo-request drop");
  await until("the first miss", () => pinger.of("a").at(-1)?.received === 0);
  const first = performance.now();
  await until("the third miss", () => pinger.of("a").filter(({ received }) => received === 0).length === 3);
  const took = performance.now() - first;
  expect(took).toBeGreaterThan(450);
  expect(took).toBeLessThan(1000);
  await pinger.next("a", 1);
  expect(performance.now() - first).toBeGreaterThan(1000);
});

it("loses nothing while the main thread is held up for 300 ms again and again", async (context) => {
  const { near } = networkPair(context);
  const pinger = new PingerProcess(near.prefix);
  const targets = Array.from({ length: 2000 }, (_, index) => ({
    id: `${index}`,
    address: `10.88.${1 + (index >> 8)}.${index & 255}`,
  }));
  await pinger.report("open");
  pinger.set(...targets);
  for (let turn = 0; turn < 8; turn++) await pinger.block(300);
  await until("three rounds of all", () => pinger.rounds.length >= 6000);
  expect(new Set(pinger.rounds.map(({ id }) => id)).size).toBe(2000);
  expect(pinger.rounds.filter(({ received }) => received !== 1)).toEqual([]);
});

it("reads stall, and never a miss, where the whole process stood still", async (context) => {
  const { near, far } = networkPair(context);
  far.filter("input", "ip daddr 10.88.0.2 icmp type echo-request drop");
  const pinger = new PingerProcess(near.prefix);
  pinger.set({ id: "well", address: "10.88.0.1" });
  for (let index = 0; index < 50; index++) pinger.set({ id: `silent-${index}`, address: "10.88.0.2" });
  await pinger.next("silent-49", 1);
  const before = pinger.rounds.length;
  process.kill(pinger.pid, "SIGSTOP");
  // It stands still for longer than any round takes.
  await new Promise((resolve) => setTimeout(resolve, 3500));
  process.kill(pinger.pid, "SIGCONT");
  await pinger.nextOf(["well", "silent-0", "silent-49"], 3);
  const later = pinger.rounds.slice(before);
  expect(
    later.filter(({ id, received, unmeasured }) => id === "well" && received === 0 && unmeasured === null),
  ).toEqual([]);
  expect(later.some(({ id, unmeasured }) => id === "well" && unmeasured === "stall")).toBe(true);
  for (let index = 0; index < 50; index++) {
    // One round may have ended just before, and was still on its way here.
    const firsts = later.filter(({ id }) => id === `silent-${index}`).slice(0, 2);
    expect(firsts.map(({ unmeasured }) => unmeasured)).toContain("stall");
  }
  expect((await pinger.counters()).stalled).toBeGreaterThan(100);
});
