import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { report } from "../support/report.ts";
import { childrenCpu, cpuOf } from "./support/cpu.ts";
import { hasFping, twoFpings } from "./support/fpings.ts";
import { loopback } from "./support/targets.ts";
import { Watching } from "./support/watching.ts";

/*
 * What one ping of a thousand targets on loopback costs: the whole program, fping, the blackbox exporter (asked over HTTP, as Prometheus
 * does), and the system's ping started for each. CPU of all processes that take part, user and system, ours against each of theirs.
 */

const TARGETS = 1000;
/** Seconds: until what a start leaves behind is gone, and that are measured. */
const SETTLE = 8;
const MEASURED = 10;
/** Requests of fping to each address. */
const ROUNDS = 4;
/** Requests to the blackbox exporter at a time. */
const AT_ONCE = 16;
const SPAWNED = 200;
const PATIENCE = 10_000;

const addresses = loopback(TARGETS);
const ours = await program();
report({ name: "vim-ping.peers.lifeguard", value: ours, unit: "us of CPU a ping" });
if (hasFping()) {
  beside("fping_burst", (await twoFpings(addresses, 0, ROUNDS)).cost);
  beside("fping_paced", (await twoFpings(addresses, 1, ROUNDS)).cost);
}
if (installed("prometheus-blackbox-exporter", "--version")) beside("blackbox_exporter", await blackbox());
if (installed("ping", "-V")) beside("spawned_ping", await spawned());

/** Ours, as a part of what the peer takes. */
function beside(peer: string, cost: number): void {
  report({ name: `vim-ping.peers.to_${peer}`, value: ours / cost, unit: "1", baseline: cost });
}

/** Whether a peer is there; says so loudly where it is not. */
function installed(program: string, flag: string): boolean {
  const here = spawnSync(program, [flag], { stdio: "ignore" }).status === 0;
  if (!here) console.log(`SKIPPED: the comparison with ${program}, which is not installed`);
  return here;
}

async function program(): Promise<number> {
  const watching = new Watching(addresses, 300);
  try {
    await watching.start();
    await pause(SETTLE * 1000);
    const before = { cpu: watching.cpu, at: performance.now() };
    await pause(MEASURED * 1000);
    return (watching.cpu - before.cpu) / ((TARGETS * (performance.now() - before.at)) / 1000);
  } finally {
    await watching.close();
  }
}

async function blackbox(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "lifeguard-bench-"));
  const config = join(folder, "blackbox.yml");
  writeFileSync(
    config,
    "modules: { icmp: { prober: icmp, timeout: 1s, icmp: { preferred_ip_protocol: ip4 } } }\n",
  );
  const listen = `127.0.0.1:${await freePort()}`;
  const exporter = spawn(
    "prometheus-blackbox-exporter",
    [`--config.file=${config}`, `--web.listen-address=${listen}`],
    { stdio: "ignore" },
  );
  const gone = once(exporter, "exit");
  try {
    await answering(`http://${listen}/-/healthy`);
    const before = cpuOf(exporter.pid as number);
    const waiting = [...addresses];
    let failed = 0;
    const worker = async () => {
      for (let target = waiting.pop(); target !== undefined; target = waiting.pop()) {
        const answer = await fetch(`http://${listen}/probe?module=icmp&target=${target}`);
        if (!(await answer.text()).includes("\nprobe_success 1")) failed++;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    if (failed > 0) throw new Error(`blackbox exporter: ${failed} of ${TARGETS} probes failed`);
    return (cpuOf(exporter.pid as number) - before) / TARGETS;
  } finally {
    exporter.kill();
    await gone;
    rmSync(folder, { recursive: true, force: true });
  }
}

async function spawned(): Promise<number> {
  const before = childrenCpu();
  for (const address of addresses.slice(0, SPAWNED)) {
    const { status } = spawnSync("ping", ["-n", "-c1", "-W1", address], { stdio: "ignore" });
    if (status !== 0) throw new Error(`ping ${address} ended with ${status}`);
  }
  return (childrenCpu() - before) / SPAWNED;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function answering(url: string): Promise<void> {
  const end = performance.now() + PATIENCE;
  for (;;) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
    if (performance.now() > end) throw new Error(`${url} does not answer`);
    await pause(50);
  }
}
