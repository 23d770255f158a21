import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { cpuOf } from "./cpu.ts";

const LAUNCHER = fileURLToPath(new URL("../../../bin/lifeguard", import.meta.url));

/** Milliseconds that a start may take at most. */
const PATIENCE = 60_000;

/** A whole lifeguard that watches one VIM an address at 1 s: journal, board, events, and a sink that writes the events. */
export class Watching {
  /** How many events of each type were written. */
  readonly counts = new Map<string, number>();
  readonly #folder = mkdtempSync(join(tmpdir(), "lifeguard-bench-"));
  readonly #vims: number;
  #child: ChildProcess | undefined;
  #log = "";
  #wake: () => void = () => {};

  /** @param report seconds from one summary of a VIM to the next */
  constructor(addresses: readonly string[], report: number) {
    this.#vims = addresses.length;
    const vims = addresses.map(
      (address, index) => `      - { name: v${index}, auth_url: "https://${address}:5000/v3" }`,
    );
    writeFileSync(
      join(this.#folder, "monitors.yaml"),
      `sources:
  vims:
    type: vim-ping
    interval: 1s
    report: ${report}s
    references: [127.0.0.1]
    vims:
${vims.join("\n")}
sinks:
  out: { type: console, format: ndjson, from: { types: [vim.*] } }
`,
    );
  }

  /** Validates its configuration. @returns milliseconds, the start of the program included */
  validate(): number {
    const began = performance.now();
    const { status, stderr } = spawnSync(
      LAUNCHER,
      ["validate", "--config", join(this.#folder, "monitors.yaml")],
      { encoding: "utf8" },
    );
    if (status !== 0) throw new Error(`validate ended with ${status}: ${stderr}`);
    return performance.now() - began;
  }

  /** Starts it. @returns milliseconds until every VIM had its monitor, and until every VIM was REACHABLE */
  async start(): Promise<{ registered: number; reachable: number }> {
    const began = performance.now();
    const words = [
      "run",
      "--config",
      join(this.#folder, "monitors.yaml"),
      "--data",
      join(this.#folder, "data"),
    ];
    const child = spawn(LAUNCHER, words, { stdio: ["ignore", "pipe", "pipe"] });
    this.#child = child;
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#log = (this.#log + text).slice(-2000);
    });
    child.on("exit", () => this.#wake());
    createInterface({ input: child.stdout }).on("line", (line) => this.#hear(line));
    await this.#until("vim.registered");
    const registered = performance.now() - began;
    await this.#until("vim.reachable");
    return { registered, reachable: performance.now() - began };
  }

  get pid(): number {
    return this.#child?.pid as number;
  }

  /** CPU microseconds up to now. */
  get cpu(): number {
    return cpuOf(this.pid);
  }

  /** MiB of memory in use. */
  get memory(): number {
    const [, kib] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${this.pid}/status`, "utf8")) ?? [];
    return Number(kib) / 1024;
  }

  async close(): Promise<void> {
    const child = this.#child;
    if (child && child.exitCode === null) {
      const exit = once(child, "exit");
      child.kill("SIGTERM");
      await exit;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Waits until there was an event of a type for each VIM. */
  async #until(type: string): Promise<void> {
    const late = AbortSignal.timeout(PATIENCE);
    late.addEventListener("abort", () => this.#wake(), { once: true });
    for (;;) {
      const count = this.counts.get(type) ?? 0;
      if (count >= this.#vims) return;
      if (late.aborted || this.#child?.exitCode !== null)
        throw new Error(`${count} of ${this.#vims} ${type}, then nothing: ${this.#log}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #hear(line: string): void {
    const { type } = JSON.parse(line) as { type: string };
    this.counts.set(type, (this.counts.get(type) ?? 0) + 1);
    this.#wake();
  }
}
