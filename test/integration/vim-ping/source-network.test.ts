import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it, type TestContext } from "vitest";
import { networkPair, type Pair } from "../../servers/netns.ts";
import { until } from "../../support/until.ts";
import { VimWatcher } from "./vim-watcher.ts";

/* The whole program in a network of its own: what it says of VIMs behind a cable that is cut, that loses, or that leads to nobody. */

const REFERENCE = "10.77.0.2";
const SILENCE = "icmp type echo-request drop";

/** So many addresses behind the far end. */
function behind(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `10.88.${index >> 8}.${index & 255}`);
}

function watch(
  context: TestContext,
  addresses: readonly string[],
  options: Record<string, unknown>,
  prepare: (pair: Pair) => void = () => {},
): Pair & { readonly watcher: VimWatcher } {
  const pair = networkPair(context);
  prepare(pair);
  return { ...pair, watcher: new VimWatcher(addresses, options, pair.near.prefix) };
}

describe("our own network", () => {
  const COUNT = 1000;
  const cuts: ReadonlyArray<readonly [string, (pair: Pair) => void, (pair: Pair) => void]> = [
    ["in silence", ({ far }) => far.filter("input", SILENCE), ({ far }) => far.unfilter()],
    [
      "at our end",
      ({ near }) => near.run("ip link set near down"),
      ({ near }) => {
        near.run("ip link set near up");
        near.run("ip route add 10.88.0.0/16 via 10.77.0.2");
      },
    ],
  ];

  it.for(cuts)(
    "cut %s makes everybody unknown, nobody UNREACHABLE, and all is well afterwards",
    async ([, cut, mend], context) => {
      const { watcher, ...pair } = watch(context, behind(COUNT), { interval: "1s", references: [REFERENCE] });
      await watcher.all("REACHABLE", COUNT);
      cut(pair);
      await watcher.all("UNKNOWN", COUNT);
      for (const event of watcher.of("vim.unknown"))
        expect(event.data.data).toMatchObject({ error: "own-network" });
      // As long as it lasts: several times what it takes to call somebody UNREACHABLE.
      await pause(5000);
      expect(watcher.states).toEqual({ UNKNOWN: COUNT });
      mend(pair);
      await watcher.all("REACHABLE", COUNT);
      expect(watcher.of("vim.unreachable")).toEqual([]);
      expect(watcher.of("vim.monitor_deleted")).toEqual([]);
    },
  );
});

describe("one VIM", () => {
  it("is UNREACHABLE within three time-outs and an interval, with the reason, and nobody else is", async (context) => {
    const [interval, timeout] = [4000, 300];
    const addresses = ["10.88.0.1", "10.88.0.2", "fd88::1", "fd88::2"];
    const options = { interval: `${interval}ms`, timeout: `${timeout}ms`, references: [REFERENCE] };
    const { far, watcher } = watch(context, addresses, options);
    await watcher.all("REACHABLE", 4);
    const cut = Date.now();
    far.filter("input", "ip daddr 10.88.0.2 icmp type echo-request reject with icmp type host-unreachable");
    far.filter("input", "ip6 daddr fd88::2 icmpv6 type echo-request drop");
    await watcher.all("UNREACHABLE", 2);
    for (const [address, message] of [
      ["10.88.0.2", "10.88.0.2 does not answer: host unreachable from 10.88.0.2"],
      ["fd88::2", "fd88::2 does not answer"],
    ] as const) {
      const event = watcher.latest(address);
      expect(event?.data.message).toBe(message);
      // Half an interval for a busy machine; by the interval alone it would take two intervals more.
      expect(Date.parse(event?.time ?? "") - cut).toBeLessThan(interval + 3 * timeout + interval / 2);
    }
    far.unfilter();
    await watcher.all("REACHABLE", 4);
    expect(watcher.of("vim.unreachable")).toHaveLength(2);
  });
});

describe("ten thousand VIMs", () => {
  const COUNT = 10_000;
  const options = { interval: "1s", report: "10s", references: [REFERENCE] };

  it("of whose requests 3 of 1,000 get lost: at most one is called UNREACHABLE in a minute", async (context) => {
    const loss = 0.003;
    const { watcher } = watch(context, behind(COUNT), options, ({ near, far }) => {
      if (near.tries("tc qdisc add dev near root netem loss random 0.3% seed 42")) return;
      // The same without netem: which requests are lost is told by a hash of where they go and their number, by a fixed seed.
      const hash = "icmp type echo-request meta mark set jhash ip daddr . icmp sequence mod 1000 seed 0x2a";
      far.filter("input", hash);
      far.filter("input", `icmp type echo-request meta mark < ${1000 * loss} drop`);
    });
    await watcher.all("REACHABLE", COUNT);
    // Nothing is waited for: what is tested is what does not happen within a minute.
    await pause(60_000);
    const rounds = COUNT * 60;
    const mean = rounds * loss ** 3;
    console.log(
      `${COUNT} VIMs, ${rounds} rounds, ${100 * loss} % loss: ${mean.toFixed(4)} false alarms are to be expected, ` +
        `more than one with a chance of ${(1 - Math.exp(-mean) * (1 + mean)).toExponential(1)}`,
    );
    expect(watcher.of("vim.unreachable").length).toBeLessThanOrEqual(1);
    expect(watcher.of("vim.monitor_deleted")).toEqual([]);
    const summaries = watcher
      .of("vim.measured")
      .map(({ data }) => data.data as { sent: number; received: number });
    const sent = summaries.reduce((sum, each) => sum + each.sent, 0);
    const received = summaries.reduce((sum, each) => sum + each.received, 0);
    expect(sent).toBeGreaterThan(rounds / 2);
    // It did get lost, and was noticed; somewhat less of it where the machine is so busy that rounds read stall.
    expect(1 - received / sent).toBeGreaterThan(loss / 2);
    expect(1 - received / sent).toBeLessThan(1.5 * loss);
  });

  it("read unknown, and none is deleted or called UNREACHABLE, where the whole program stood still", async (context) => {
    const { watcher } = watch(context, behind(COUNT), options);
    await watcher.all("REACHABLE", COUNT);
    process.kill(watcher.lifeguard.pid, "SIGSTOP");
    // It stands still for as long as several rounds take.
    await pause(8000);
    process.kill(watcher.lifeguard.pid, "SIGCONT");
    await until("stalls to be told", () => watcher.of("vim.unknown").length > COUNT / 2);
    await watcher.all("REACHABLE", COUNT);
    for (const event of watcher.of("vim.unknown")) expect(event.data.data).toMatchObject({ error: "stall" });
    for (const type of ["vim.unreachable", "vim.monitor_deleted", "vim.unregistered"])
      expect(watcher.of(type)).toEqual([]);
    expect(watcher.of("vim.registered")).toHaveLength(COUNT);
  });
});
