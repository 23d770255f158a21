import { setTimeout as pause } from "node:timers/promises";
import { report } from "../support/report.ts";
import { hasFping, least, type Turn, twoFpings } from "./support/fpings.ts";
import { loopback } from "./support/targets.ts";
import { Watching } from "./support/watching.ts";

/*
 * The whole program, in a process of its own, watching ten thousand VIMs on loopback once a second with state, events and journal; beside
 * two fping processes on the same addresses, in bursts and paced, in turn. CPU is that of all threads, user and system.
 */

const TARGETS = 10_000;
const ROUNDS = 2;
/** Seconds: until what a start leaves behind is gone, and that are measured. */
const SETTLE = 30;
const MEASURED = 15;
/** Seconds from one summary of a VIM to the next: what holds unless somebody says otherwise. */
const REPORT = 300;
/** Requests of fping to each address. */
const BURST = 5;
const PACED = 4;

const addresses = loopback(TARGETS);
const withFping = hasFping();
const [burst, paced, ours]: [Turn[], Turn[], number[]] = [[], [], []];
const starts: Array<{ registered: number; reachable: number; cpu: number }> = [];
const [validated, memory]: [number[], number[]] = [[], []];
let [wrong, stalled] = [0, 0];
for (let round = 0; round < ROUNDS; round++) {
  if (withFping) burst.push(await twoFpings(addresses, 0, BURST));
  const watching = new Watching(addresses, REPORT);
  try {
    validated.push(watching.validate());
    const start = await watching.start();
    starts.push({ ...start, cpu: watching.cpu / 1e6 });
    await pause(SETTLE * 1000);
    const before = { cpu: watching.cpu, at: performance.now() };
    await pause(MEASURED * 1000);
    const pings = (TARGETS * (performance.now() - before.at)) / 1000;
    ours.push((watching.cpu - before.cpu) / pings);
    memory.push(watching.memory);
    wrong += watching.counts.get("vim.unreachable") ?? 0;
    stalled += watching.counts.get("vim.unknown") ?? 0;
  } finally {
    await watching.close();
  }
  if (withFping) paced.push(await twoFpings(addresses, 0.1, PACED));
}

const cost = Math.min(...ours);
const name = (what: string) => `vim-ping.program.${what}`;
report({ name: name("cpu_per_ping"), value: cost, unit: "us" });
if (withFping) {
  report({
    name: name("cpu_to_two_burst_fpings"),
    value: cost / least(burst),
    unit: "1",
    baseline: least(burst),
    atMost: 1.5,
  });
  report({
    name: name("cpu_to_two_paced_fpings"),
    value: cost / least(paced),
    unit: "1",
    baseline: least(paced),
    atMost: 0.5,
  });
}
report({ name: name("false_unreachable"), value: wrong, unit: "events", atMost: 0 });
// Rounds that the pinger itself was too late for: none on a machine that is not busy with other things.
report({ name: name("unknown"), value: stalled, unit: "events" });
report({ name: name("validate"), value: Math.min(...validated), unit: "ms", atMost: 3000 });
report({
  name: name("all_registered"),
  value: Math.min(...starts.map(({ registered }) => registered)),
  unit: "ms",
});
report({
  name: name("all_reachable"),
  value: Math.min(...starts.map(({ reachable }) => reachable)),
  unit: "ms",
});
report({ name: name("start_cpu"), value: Math.min(...starts.map(({ cpu }) => cpu)), unit: "s" });
report({ name: name("memory"), value: Math.min(...memory), unit: "MiB" });

const few = new Watching(addresses.slice(0, 1000), REPORT);
try {
  await few.start();
  await pause(SETTLE * 1000);
  const before = { cpu: few.cpu, at: performance.now() };
  await pause(MEASURED * 1000);
  const share = (few.cpu - before.cpu) / 1000 / (performance.now() - before.at);
  report({ name: name("cpu_of_1000"), value: 100 * share, unit: "% of a core", atMost: 3 });
} finally {
  await few.close();
}
