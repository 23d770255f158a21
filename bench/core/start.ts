import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { report } from "../support/report.ts";

/*
 * The program from outside: how long --help takes, how long until the page has a promise's result, and how much memory it holds when
 * nothing happens. The baseline of time and memory is a bare Node.js that does nothing.
 */

const LAUNCHER = fileURLToPath(new URL("../../bin/lifeguard", import.meta.url));
const ROUNDS = 5;
/** Memory is read when what a start leaves behind has been given back. */
const IDLE_MS = 6000;

const folder = mkdtempSync(join(tmpdir(), "lifeguard-bench-"));
try {
  mkdirSync(join(folder, "promises"));
  writeFileSync(join(folder, "promises", "fine"), `#!/bin/sh\necho '{"message": "fine"}'\n`);
  chmodSync(join(folder, "promises", "fine"), 0o755);
  const config = "sources:\n  promises: { directory: ./promises }\nsinks:\n  web: { listen: 127.0.0.1:0 }\n";
  writeFileSync(join(folder, "monitors.yaml"), config);

  const bare = best(() => timed(process.execPath, ["-e", "0"]));
  report({
    name: "core.start.help",
    value: best(() => timed(LAUNCHER, ["--help"])),
    unit: "ms",
    baseline: bare,
    atMost: 150,
  });

  const starts: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const { child, ms } = await started();
    starts.push(ms);
    await stop(child);
  }
  report({
    name: "core.start.first_result",
    value: Math.min(...starts),
    unit: "ms",
    baseline: bare,
    atMost: 1000,
  });

  const { child } = await started();
  await pause(IDLE_MS);
  report({
    name: "core.start.idle_rss",
    value: rss(child),
    unit: "MiB",
    baseline: await bareRss(),
    atMost: 120,
  });
  await stop(child);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function best(measure: () => number): number {
  return Math.min(...Array.from({ length: ROUNDS }, measure));
}

function timed(command: string, words: readonly string[]): number {
  const began = performance.now();
  const { status } = spawnSync(command, words, { stdio: "ignore" });
  if (status !== 0) throw new Error(`${command} ended with ${status}`);
  return performance.now() - began;
}

/** Starts lifeguard and waits until the page shows the promise's result. */
async function started(): Promise<{ child: ChildProcess; ms: number }> {
  rmSync(join(folder, "data"), { recursive: true, force: true });
  const began = performance.now();
  const child = spawn(LAUNCHER, ["run", "--config", join(folder, "monitors.yaml")], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const url = await new Promise<string>((resolve, reject) => {
    let log = "";
    child.stderr.on("data", (text) => {
      log += text;
      const found = /http:\/\/[^\s"]+/.exec(log)?.[0];
      if (found !== undefined) resolve(found);
    });
    child.on("exit", (code) => reject(new Error(`lifeguard ended with ${code}: ${log}`)));
  });
  for (;;) {
    const page = await fetch(url, { headers: { accept: "text/plain" } });
    if ((await page.text()).startsWith("ok\tpromise/fine")) break;
    await pause(5);
  }
  return { child, ms: performance.now() - began };
}

async function stop(child: ChildProcess): Promise<void> {
  child.removeAllListeners("exit");
  const exit = once(child, "exit");
  child.kill("SIGTERM");
  const [code] = await exit;
  if (code !== 0) throw new Error(`lifeguard ended with ${code}`);
}

function rss({ pid }: ChildProcess): number {
  const [, kib] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kib) / 1024;
}

async function bareRss(): Promise<number> {
  const child = spawn(process.execPath, ["-e", "setTimeout(() => {}, 60_000)"], { stdio: "ignore" });
  await pause(500);
  const value = rss(child);
  child.kill("SIGKILL");
  await once(child, "exit");
  return value;
}
