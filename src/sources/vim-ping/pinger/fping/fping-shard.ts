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
  readonly #child: ChildProcess;
  readonly #started = performance.now();
  readonly #gone = Promise.withResolvers<void>();
  #stopped = false;

  constructor(plan: ShardPlan, listener: ShardListener) {
    const { addresses, period, timeout } = plan;
    // An unprivileged fping refuses gaps below a millisecond only where it was built so; 0.01 ms keeps it from waking for each packet.
    const gap = Math.max(0.01, Math.min(10, (SPREAD * period) / addresses.length));
    const child = spawn(
      "fping",
      [
        "-l",
        "-p",
        `${Math.max(1, Math.round(period))}`,
        "-t",
        `${Math.round(timeout)}`,
        "-i",
        gap.toFixed(2),
      ],
      { stdio: ["pipe", "pipe", "pipe"], env: PLAIN_ENVIRONMENT },
    );
    this.#child = child;
    // It reads all of them before it begins; one that ended already needs none.
    child.stdin.on("error", () => {});
    child.stdin.end(`${addresses.join("\n")}\n`);
    createInterface({ input: child.stdout }).on("line", (line) => {
      const result = this.#stopped ? null : parseFpingLine(line);
      if (result) listener.result(result);
    });
    let last = "";
    createInterface({ input: child.stderr }).on("line", (line) => {
      if (this.#stopped) return;
      const remark = parseFpingRemark(line);
      if (remark) listener.remark(remark);
      else last = line;
    });
    const end = (why: string) => {
      this.#gone.resolve();
      if (this.#stopped) return;
      this.#stopped = true;
      listener.ended(last === "" ? why : `${why}: ${last}`, performance.now() - this.#started);
    };
    child.on("error", (error) => {
      if (child.pid === undefined) end(error.message);
    });
    child.on("close", (code, signal) => end(`fping ended with ${code ?? signal}`));
  }

  /** Ends the process. Nothing is told any more. */
  stop(): Promise<void> {
    this.#stopped = true;
    this.#child.kill("SIGKILL");
    return this.#gone.promise;
  }
}
