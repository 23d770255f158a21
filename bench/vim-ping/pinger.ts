import { setTimeout as pause } from "node:timers/promises";
import { openPinger, type PingRound } from "../../src/sources/vim-ping/pinger/index.ts";
import { median, report } from "../support/report.ts";
import { hasFping, least, type Turn, twoFpings } from "./support/fpings.ts";
import { loopback } from "./support/targets.ts";

/*
 * Ten thousand targets on loopback, each asked once a second, by the pinger alone in this process and by two fping processes (one cannot do so
 * many), in turn. CPU is that of the whole process, all threads, and of the children, user and system.
 */

const TARGETS = 10_000;
const INTERVAL = 1000;
const ROUNDS = 2;
/** Seconds of one turn. */
const OURS = 30;
const BURST = 5;
const PACED = 4;
/** Time-out of ours: a third of the interval, as the source has it. */
const TIMEOUT = 333;

const addresses = loopback(TARGETS);
const withFping = hasFping();

const ours: Turn[] = [];
const burst: Turn[] = [];
const paced: Turn[] = [];
let lost = 0;
let unmeasured = 0;
let drift = 0;
for (let round = 0; round < ROUNDS; round++) {
  if (withFping) burst.push(await twoFpings(addresses, 0, BURST));
  ours.push(await own(TARGETS, OURS));
  if (withFping) paced.push(await twoFpings(addresses, 0.1, PACED));
}
const cost = least(ours);
report({ name: "vim-ping.pinger.false_losses", value: lost, unit: "rounds", atMost: 0 });
report({ name: "vim-ping.pinger.unmeasured", value: unmeasured, unit: "rounds", atMost: 0 });
report({ name: "vim-ping.pinger.period_drift", value: 100 * drift, unit: "%", atMost: 1 });
report({ name: "vim-ping.pinger.cpu_per_ping", value: cost, unit: "us" });
const [p50, p99] = quantiles(ours);
if (withFping) {
  const [fping50, fping99] = quantiles(burst);
  report({
    name: "vim-ping.pinger.cpu_to_two_burst_fpings",
    value: cost / least(burst),
    unit: "1",
    baseline: least(burst),
    atMost: 1.5,
  });
  report({
    name: "vim-ping.pinger.cpu_to_two_paced_fpings",
    value: cost / least(paced),
    unit: "1",
    baseline: least(paced),
    atMost: 0.5,
  });
  report({
    name: "vim-ping.pinger.rtt_p50",
    value: p50,
    unit: "ms",
    baseline: fping50,
    atMost: fping50 + 0.05,
  });
  report({
    name: "vim-ping.pinger.rtt_p99",
    value: p99,
    unit: "ms",
    baseline: fping99,
    atMost: fping99 + 0.2,
  });
}
const few = await own(1000, 6);
report({
  name: "vim-ping.pinger.cpu_of_1000",
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
    onRound(round: PingRound) {
      if (round.unmeasured !== null) unmeasured++;
      else if (round.received === 0) lost++;
      if (!counting) return;
      rounds++;
      times.push(round.times[0] ?? Number.NaN);
      const target = Number(round.id);
      last[target] = performance.now();
      if (counts[target] === 0) first[target] = last[target];
      counts[target] = (counts[target] as number) + 1;
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
  // As heard here, where rounds arrive in blocks up to 200 ms apart: only over many rounds is that a small part.
  for (let target = 0; target < targets && seconds >= OURS; target++) {
    const period = ((last[target] as number) - (first[target] as number)) / ((counts[target] as number) - 1);
    drift = Math.max(drift, Math.abs(period / INTERVAL - 1));
  }
  return { cost: (user + system) / rounds, times: Float64Array.from(times) };
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
