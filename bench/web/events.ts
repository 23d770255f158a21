import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { get, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Lifeguard } from "../../test/support/lifeguard.ts";
import { cpuShare } from "../support/process-cpu.ts";
import { median, report } from "../support/report.ts";

/*
 * Fifty clients that follow /events of a real process, at 1,000 events a second: what they cost it, which is its share of a core with them
 * less that without them. Beside it a bare server that writes the same bytes to as many, encoded once.
 */

const CLIENTS = 50;
const RATE = 1000;
const SECONDS = 5;
const ROUNDS = 3;

const support = (name: string) => fileURLToPath(new URL(`../support/${name}`, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "lifeguard-bench-"));
const bare = spawn(process.execPath, [support("bare-sse.ts")], { stdio: ["ignore", "pipe", "inherit"] });
try {
  const [port] = (await once(bare.stdout, "data")) as [Buffer];
  const yaml = `sources:\n  steady: { type: ${support("steady-source.ts")}, rate: ${RATE} }\nsinks:\n  web: { listen: 127.0.0.1:0 }\n`;
  await using lifeguard = new Lifeguard(folder, yaml);
  lifeguard.start();
  const url = await lifeguard.url();
  await pause(3000);
  const [alone, own, pulses, base]: [number[], number[], number[], number[]] = [[], [], [], []];
  // The first round warms up.
  for (let round = 0; round <= ROUNDS; round++) {
    const shares = [
      await cpuShare(lifeguard.pid, SECONDS * 1000),
      await withClients(`${url}events`, lifeguard.pid, true),
      await withClients(`${url}events?pulse`, lifeguard.pid, false),
      await withClients(`http://127.0.0.1:${Number(port)}/`, bare.pid as number, true),
    ] as const;
    if (round === 0) continue;
    for (const [at, list] of [alone, own, pulses, base].entries()) list.push(100 * (shares[at] as number));
  }
  const idle = median(alone);
  const baseline = median(base);
  const unit = "% of a core";
  report({ name: "web.events.cpu_alone", value: idle, unit });
  report({ name: "web.events.cpu_of_50_clients", value: median(own) - idle, unit, baseline, atMost: 5 });
  report({ name: "web.events.cpu_of_50_pages", value: median(pulses) - idle, unit, baseline });
} finally {
  bare.kill();
  rmSync(folder, { recursive: true, force: true });
}

/** The share of a core that a process uses while clients follow it. */
async function withClients(url: string, pid: number, complete: boolean): Promise<number> {
  const streams = await Promise.all(Array.from({ length: CLIENTS }, () => follow(url)));
  await pause(500);
  const before = streams.map(({ events }) => events());
  const share = await cpuShare(pid, SECONDS * 1000);
  const told = streams.map(({ events }, at) => events() - (before[at] as number));
  for (const { leave } of streams) leave();
  if (complete && Math.min(...told) < RATE * SECONDS * 0.8)
    throw new Error(`a client was told ${Math.min(...told)} events in ${SECONDS} s`);
  return share;
}

async function follow(url: string): Promise<{ events: () => number; leave: () => void }> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { agent: false }, resolve).on("error", reject);
  });
  let events = 0;
  response.setEncoding("latin1").on("data", (text: string) => {
    for (let at = text.indexOf("\ndata: "); at >= 0; at = text.indexOf("\ndata: ", at + 1)) events++;
  });
  return { events: () => events, leave: () => response.destroy() };
}
