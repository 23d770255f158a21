import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished, type TestContext } from "vitest";
import { type Namespace, networkPair } from "../../servers/netns.ts";
import { until } from "../../support/until.ts";
import { PingerProcess } from "./pinger-process.ts";

/** Puts a peer at the far end that answers as its addresses say (see pinger-peer.ts). */
async function oddPeer(context: TestContext): Promise<Namespace> {
  const { near, far } = networkPair(context);
  far.run("sysctl -qw net.ipv4.icmp_echo_ignore_all=1");
  const script = fileURLToPath(new URL("./pinger-peer.ts", import.meta.url));
  const [file, ...words] = far.prefix;
  const peer = spawn(file, [...words, process.execPath, script], { stdio: ["ignore", "pipe", "inherit"] });
  const exit = once(peer, "exit");
  onTestFinished(async () => {
    peer.kill();
    await exit;
  });
  await once(peer.stdout, "data");
  return near;
}

const KINDS = [
  ["icmp-raw", "1\t0"],
  ["icmp-datagram", "0\t2147483647"],
] as const;

describe.each(KINDS)("through %s", (backend, range) => {
  it("tells late, duplicate, foreign and forged replies apart", async (context) => {
    const near = await oddPeer(context);
    near.run(`sysctl -qw net.ipv4.ping_group_range=${range}`);
    const pinger = new PingerProcess(near.prefix);
    expect(await pinger.report("open")).toMatchObject({ backend });
    const kinds = { well: 1, late: 2, twice: 3, forged: 4, elsewhere: 5, foreign: 7, short: 8, rubbish: 9 };
    pinger.set(
      ...Object.entries(kinds).map(([id, kind]) => ({
        id,
        address: `10.88.${kind}.1`,
        interval: 500,
        timeout: 200,
      })),
    );
    await pinger.next("rubbish", 6);
    for (const id of ["well", "twice"])
      for (const round of pinger.of(id))
        expect(round, id).toMatchObject({ sent: 1, received: 1, unmeasured: null });
    for (const id of ["late", "forged", "elsewhere", "foreign", "short", "rubbish"]) {
      // On a busy machine a round may be spoiled by ourselves.
      const measured = pinger.of(id).filter(({ unmeasured }) => unmeasured !== "stall");
      expect(measured.length, id).toBeGreaterThan(2);
      for (const round of measured)
        expect(round, id).toMatchObject({ sent: 1, received: 0, unmeasured: null });
    }
    expect(pinger.of("short").at(-1)?.reason).toBe("time to live exceeded from 10.88.8.1");
    const counters = await pinger.counters();
    expect(counters.late).toBeGreaterThanOrEqual(4);
    expect(counters.duplicate).toBeGreaterThanOrEqual(5);
    expect(counters.forged).toBeGreaterThanOrEqual(10);
    expect(counters.foreign).toBeGreaterThanOrEqual(5);
    expect(counters.received).toBe(pinger.rounds.reduce((sum, { received }) => sum + received, 0));
  });
});

it("counts what is lost on the way, request by request", async (context) => {
  const near = await oddPeer(context);
  const pinger = new PingerProcess(near.prefix);
  const targets = Array.from({ length: 100 }, (_, index) => ({
    id: `${index}`,
    address: `10.88.6.${index + 1}`,
    interval: 1000,
    timeout: 200,
    count: 3,
  }));
  pinger.set(...targets);
  await until("three rounds of all", () => targets.every(({ id }) => pinger.of(id).length >= 3));
  const sent = pinger.rounds.reduce((sum, round) => sum + round.sent, 0);
  const received = pinger.rounds.reduce((sum, round) => sum + round.received, 0);
  // 900 draws of 0.7: four standard deviations are 6 %.
  expect(received / sent).toBeGreaterThan(0.64);
  expect(received / sent).toBeLessThan(0.76);
  for (const round of pinger.rounds) expect(round.times).toHaveLength(round.received);
});

it("measures a delay, and calls missed what is slower than the time-out", async (context) => {
  // As netem would have it, which not every kernel has.
  const near = await oddPeer(context);
  const pinger = new PingerProcess(near.prefix);
  pinger.set({ id: "slow", address: "10.88.10.1" }, { id: "too slow", address: "10.88.10.2", timeout: 30 });

  for (const round of await pinger.next("slow", 3)) expect(round.times[0]).toBeGreaterThan(49);
  for (const round of await pinger.next("too slow", 3)) expect(round.received).toBe(0);
  expect((await pinger.counters()).late).toBeGreaterThanOrEqual(2);
});
