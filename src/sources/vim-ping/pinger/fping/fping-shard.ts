import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { PLAIN_ENVIRONMENT } from "../run-program.ts";
import { type FpingRemark, type FpingResult, parseFpingLine, parseFpingRemark } from "./fping-output.ts";

/** Part of the period in which all targets are asked once; the rest is reserve, since fping never catches up. */
const SPREAD = 0.8;

/** What one process asks, in milliseconds. */
export interface ShardPlan {
  readonly addresses: readonly string[];
  readonly period: number;
  readonly timeout: number;
}

/** What a shard tells. */
export interface ShardListener {
  result(result: FpingResult): void;
  remark(remark: FpingRemark): void;
  /** The process ended by itself; `lived` is for how many milliseconds. */
  ended(why: string, lived: number): void;
}

/** One fping that runs on and on. */
export class FpingShard {
  readonly #listener: ShardListener;
  readonly #started = performance.now();
  readonly #gone = Promise.withResolvers<void>();
  #child: ChildProcess | undefined;
  #stopped = false;
  /** What it wrote last that was about no target. */
  #complaint = "";

  constructor(plan: ShardPlan, listener: ShardListener) {
    this.#listener = listener;
    try {
      this.#start(plan);
    } catch (error) {
      // Some refusals are thrown, EPERM among them; others come as an event.
      queueMicrotask(() => this.#end((error as Error).message));
    }
  }

  #start({ addresses, period, timeout }: ShardPlan): void {
    const gap = Math.max(0.01, Math.min(10, (SPREAD * period) / addresses.length));
    const times = ["-p", `${Math.max(1, Math.round(period))}`, "-t", `${Math.round(timeout)}`];
    const child = spawn("fping", ["-l", ...times, "-i", gap.toFixed(2)], {
      stdio: ["pipe", "pipe", "pipe"],
      env: PLAIN_ENVIRONMENT,
    });
    this.#child = child;
    // It reads all of them before it begins; one that ended already needs none.
    child.stdin.on("error", () => {});
    child.stdin.end(`${addresses.join("\n")}\n`);
    createInterface({ input: child.stdout }).on("line", (line) => {
      const result = this.#stopped ? null : parseFpingLine(line);
      if (result) this.#listener.result(result);
    });
    createInterface({ input: child.stderr }).on("line", (line) => {
      if (this.#stopped) return;
      const remark = parseFpingRemark(line);
      if (remark) this.#listener.remark(remark);
      else this.#complaint = `: ${line}`;
    });
    child.on("error", (error) => {
      if (child.pid === undefined) this.#end(error.message);
    });
    child.on("close", (code, signal) => this.#end(`fping ended with ${code ?? signal}`));
  }

  /** Ends the process. Nothing is told any more. */
  stop(): Promise<void> {
    this.#stopped = true;
    this.#child?.kill("SIGKILL");
    return this.#gone.promise;
  }

  #end(why: string): void {
    this.#gone.resolve();
    if (this.#stopped) return;
    this.#stopped = true;
    this.#listener.ended(`${why}${this.#complaint}`, performance.now() - this.#started);
  }
}
