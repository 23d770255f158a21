import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { openPinger, type PingRound } from "../../src/sources/vim-ping/pinger/index.ts";
import { median, report } from "../support/report.ts";

/*
 * Ten thousand targets on loopback, each asked once a second, by the pinger in this process and by two fping processes (one cannot do so
 * many), in turn. CPU is that of the whole process, all threads, and of the children, user and system.
 */

const TARGETS = 10_000;
const INTERVAL = 1000;
const ROUNDS = 2;
/** Seconds of one turn. */
const OURS = 10;
const BURST = 5;
const PACED = 4;
/** Time-out of ours: a third of the interval, as the source has it. */
const TIMEOUT = 333;

const addresses = Array.from(
  { length: TARGETS },
  (_, index) => `127.${10 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`,
);
const { getrusage } = process.getBuiltinModule("node:ffi").dlopen(null, {
  getrusage: { return: "i32", arguments: ["i32", "buffer"] },
}).functions;

const withFping = spawnSync("fping", ["-v"]).status === 0;
if (!withFping)
  console.log("SKIPPED: the comparison with fping, which is not installed (apt-get install fping)");

interface Turn {
  /** CPU microseconds of one ping. */
  readonly cost: number;
  readonly times: Float64Array;
}

const ours: Turn[] = [];
const burst: Turn[] = [];
const paced: Turn[] = [];
let lost = 0;
let unmeasured = 0;
let drift = 0;
for (let round = 0; round < ROUNDS; round++) {
  if (withFping) burst.push(await fping("0", BURST));
  ours.push(await own(TARGETS, OURS));
  if (withFping) paced.push(await fping("0.1", PACED));
}
const cost = least(ours);
report({ name: "vim-ping.false_losses", value: lost, unit: "rounds", atMost: 0 });
report({ name: "vim-ping.unmeasured", value: unmeasured, unit: "rounds", atMost: 0 });
report({ name: "vim-ping.period_drift", value: 100 * drift, unit: "%", atMost: 1 });
report({ name: "vim-ping.cpu_per_ping", value: cost, unit: "us" });
const [p50, p99] = quantiles(ours);
if (withFping) {
  const [fping50, fping99] = quantiles(burst);
  report({
    name: "vim-ping.cpu_to_two_burst_fpings",
    value: cost / least(burst),
    unit: "1",
    baseline: least(burst),
    atMost: 1.5,
  });
  report({
    name: "vim-ping.cpu_to_two_paced_fpings",
    value: cost / least(paced),
    unit: "1",
    baseline: least(paced),
    atMost: 0.5,
  });
  report({ name: "vim-ping.rtt_p50", value: p50, unit: "ms", baseline: fping50, atMost: fping50 + 0.05 });
  report({ name: "vim-ping.rtt_p99", value: p99, unit: "ms", baseline: fping99, atMost: fping99 + 0.2 });
}
const few = await own(1000, 6);
report({
  name: "vim-ping.cpu_of_1000",
  value: (100 * few.cost * 1000) / 1e6,
  unit: "% of a core",
  atMost: 3,
});

/** Everything at once: the pinger for so many seconds after all targets were heard of. */
async function own(targets: number, seconds: number): Promise<Turn> {
  const times: number[] = [];
  let rounds = 0;
  const first = new Float64Array(targets);
  const last = new Float64Array(targets);
  const counts = new Uint32Array(targets);
  let counting = false;
  const pinger = await openPinger({
    backend: "icmp",
    onFailure(error) {
      throw error;
    },
    onRounds(batch: readonly PingRound[]) {
      const now = performance.now();
      for (const round of batch) {
        if (round.unmeasured !== null) unmeasured++;
        else if (round.received === 0) lost++;
        if (!counting) continue;
        rounds++;
        times.push(round.times[0] ?? Number.NaN);
        const target = Number(round.id);
        if (counts[target] === 0) first[target] = now;
        last[target] = now;
        counts[target] = (counts[target] as number) + 1;
      }
    },
  });
  for (let index = 0; index < targets; index++)
    pinger.set({
      id: `${index}`,
      address: addresses[index] as string,
      interval: INTERVAL,
      timeout: TIMEOUT,
      count: 1,
      confirm: 3,
    });
  await pause(2 * INTERVAL);
  counting = true;
  const before = process.cpuUsage();
  await pause(seconds * 1000);
  const { user, system } = process.cpuUsage(before);
  counting = false;
  await pinger.close();
  // As heard here, where rounds arrive every 50 ms: only over many rounds is that a small part.
  for (let target = 0; target < targets && seconds >= OURS; target++) {
    const period = ((last[target] as number) - (first[target] as number)) / ((counts[target] as number) - 1);
    drift = Math.max(drift, Math.abs(period / INTERVAL - 1));
  }
  return { cost: (user + system) / rounds, times: Float64Array.from(times) };
}

/** Two fping processes, half of the targets each. */
async function fping(gap: string, rounds: number): Promise<Turn> {
  const before = childrenCpu();
  const halves = [addresses.slice(0, TARGETS / 2), addresses.slice(TARGETS / 2)];
  const outputs = await Promise.all(
    halves.map(async (half) => {
      const child = spawn("fping", ["-C", `${rounds}`, "-q", "-p", `${INTERVAL}`, "-i", gap], {
        stdio: ["pipe", "ignore", "pipe"],
      });
      child.stdin.end(half.join("\n"));
      let text = "";
      child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      const [code] = (await once(child, "close")) as [number | null];
      if (code !== 0) throw new Error(`fping ended with ${code}: ${text.slice(-200)}`);
      return text;
    }),
  );
  const cpu = childrenCpu() - before;
  const times = outputs.flatMap((text) =>
    text
      .trim()
      .split("\n")
      .flatMap((line) => (line.split(" : ")[1] ?? "").split(" ").map(Number)),
  );
  return { cost: cpu / (TARGETS * rounds), times: Float64Array.from(times) };
}

function childrenCpu(): number {
  const usage = Buffer.alloc(144);
  getrusage(-1, usage);
  const microseconds = (at: number) =>
    Number(usage.readBigInt64LE(at)) * 1e6 + Number(usage.readBigInt64LE(at + 8));
  return microseconds(0) + microseconds(16);
}

function least(turns: readonly Turn[]): number {
  return Math.min(...turns.map(({ cost }) => cost));
}

/** The 50th and 99th of a hundred, of the turn that was disturbed least. */
function quantiles(turns: readonly Turn[]): [number, number] {
  const each = turns.map(({ times }) => {
    const sorted = times.filter(Number.isFinite).sort();
    return [
      sorted[sorted.length >> 1] as number,
      sorted[Math.floor(0.99 * sorted.length)] as number,
    ] as const;
  });
  return [median(each.map(([p50]) => p50)), Math.min(...each.map(([, p99]) => p99))];
}
