import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import type { PingCounters, PingRound, PingTarget } from "../../../src/sources/vim-ping/pinger/index.ts";
import { until } from "../../support/until.ts";

/** A target with what is not said left at 1 s, 300 ms, one request, no confirmation. */
export type TargetDraft = Pick<PingTarget, "id" | "address"> & Partial<PingTarget>;

export type Command =
  | { readonly kind: "set"; readonly targets: readonly TargetDraft[] }
  | { readonly kind: "remove"; readonly id: string }
  | { readonly kind: "counters" }
  | { readonly kind: "block"; readonly ms: number };

export type Report =
  | { readonly kind: "open"; readonly backend: string; readonly reason: string }
  | { readonly kind: "error"; readonly code: string; readonly message: string }
  | { readonly kind: "round"; readonly round: PingRound }
  | { readonly kind: "counters"; readonly counters: PingCounters }
  | { readonly kind: "failure"; readonly message: string }
  | { readonly kind: "blocked" };

/** A pinger in a child process, started behind a prefix such as `ip netns exec …`. Ends with the test. */
export class PingerProcess {
  readonly rounds: PingRound[] = [];
  readonly #reports: Report[] = [];
  readonly #child: ChildProcess;
  #stderr = "";

  constructor(
    prefix: readonly string[],
    backend?: "icmp" | "fping" | "ping",
    environment?: NodeJS.ProcessEnv,
  ) {
    const child = fileURLToPath(new URL("./pinger-child.ts", import.meta.url));
    const words = [...prefix, process.execPath, child, ...(backend ? [backend] : [])];
    this.#child = spawn(words[0] as string, words.slice(1), {
      stdio: ["pipe", "pipe", "pipe"],
      env: environment ?? process.env,
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
    });
    if (this.#child.stdout)
      createInterface({ input: this.#child.stdout }).on("line", (line) => {
        const report = JSON.parse(line) as Report;
        if (report.kind === "round") this.rounds.push(report.round);
        else this.#reports.push(report);
      });
    onTestFinished(() => this.close());
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  /** What was written to standard error. */
  get complaints(): string {
    return this.#stderr;
  }

  /** Waits for a report of a kind, and takes it. */
  async report<Kind extends Report["kind"]>(kind: Kind): Promise<Extract<Report, { kind: Kind }>> {
    const at = await until(`the pinger's ${kind}`, () => {
      const index = this.#reports.findIndex((report) => report.kind === kind);
      if (index < 0 && this.#child.exitCode !== null)
        throw new Error(`the pinger ended: ${this.#stderr} ${JSON.stringify(this.#reports)}`);
      return index + 1;
    });
    return this.#reports.splice(at - 1, 1)[0] as Extract<Report, { kind: Kind }>;
  }

  set(...targets: TargetDraft[]): void {
    this.#tell({ kind: "set", targets });
  }

  remove(id: string): void {
    this.#tell({ kind: "remove", id });
  }

  /** Keeps its main thread busy for so long. */
  async block(ms: number): Promise<void> {
    this.#tell({ kind: "block", ms });
    await this.report("blocked");
  }

  async counters(): Promise<PingCounters> {
    this.#tell({ kind: "counters" });
    return (await this.report("counters")).counters;
  }

  of(id: string): PingRound[] {
    return this.rounds.filter((round) => round.id === id);
  }

  /** Waits until so many more rounds of a target ended, and returns those. */
  async next(id: string, count: number): Promise<PingRound[]> {
    const before = this.of(id).length;
    await until(`${count} more rounds of ${id}`, () => this.of(id).length >= before + count);
    return this.of(id).slice(before, before + count);
  }

  /** The same for several targets at a time. */
  async nextOf(ids: readonly string[], count: number): Promise<Map<string, PingRound[]>> {
    return new Map(await Promise.all(ids.map(async (id) => [id, await this.next(id, count)] as const)));
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, "exit");
    this.#child.stdin?.end();
    const impatient = setTimeout(() => this.#child.kill("SIGKILL"), 3000);
    await exit;
    clearTimeout(impatient);
  }

  #tell(command: Command): void {
    this.#child.stdin?.write(`${JSON.stringify(command)}\n`);
  }
}
