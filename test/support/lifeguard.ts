import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { until } from "./until.ts";

/** The launcher of this checkout. */
export const LAUNCHER = fileURLToPath(new URL("../../bin/lifeguard", import.meta.url));

/** A real lifeguard in a process of its own. `await using` stops it. */
export class Lifeguard {
  readonly folder: string;
  readonly config: string;
  readonly data: string;
  readonly #environment: Record<string, string>;
  readonly #prefix: readonly string[];
  readonly #onLine: (line: string) => void;
  #child: ChildProcess | undefined;
  #output = "";

  /**
   * @param folder where monitors.yaml goes, and the data directory where no other is given
   * @param options `prefix`: words in front of the command that runs it, such as those that enter a network of its own; `onLine`: told of
   * each line on standard output
   */
  constructor(
    folder: string,
    monitorsYaml: string,
    {
      data = join(folder, "data"),
      environment = {},
      prefix = [],
      onLine = () => {},
    }: {
      data?: string;
      environment?: Record<string, string>;
      prefix?: readonly string[];
      onLine?: (line: string) => void;
    } = {},
  ) {
    this.folder = folder;
    this.config = join(folder, "monitors.yaml");
    this.data = data;
    this.#environment = environment;
    this.#prefix = prefix;
    this.#onLine = onLine;
    this.configure(monitorsYaml);
  }

  /** Writes monitors.yaml; a running lifeguard reloads it by itself. */
  configure(monitorsYaml: string): void {
    writeFileSync(this.config, monitorsYaml);
  }

  /** Starts it without waiting for more than the spawn. */
  start(): void {
    this.#output = "";
    const words = [...this.#prefix, LAUNCHER, "run", "--config", this.config, "--data", this.data];
    const [file, ...rest] = words as [string, ...string[]];
    const child = spawn(file, rest, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...this.#environment, NO_COLOR: "1" },
    });
    this.#child = child;
    createInterface({ input: child.stdout }).on("line", this.#onLine);
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on("data", (chunk: Buffer) => {
        this.#output = (this.#output + chunk).slice(-200_000);
      });
  }

  /** Starts it and waits until every component is up. */
  async ready(): Promise<void> {
    this.start();
    await until(`ready, its output: ${this.#output.slice(-2000)}`, () => {
      if (this.#child?.exitCode !== null)
        throw new Error(`exited with ${this.#child?.exitCode}: ${this.#output}`);
      const status = this.status();
      return status?.ready;
    });
  }

  get pid(): number {
    return this.#child?.pid as number;
  }

  /** The last of what it wrote on both streams. */
  get output(): string {
    return this.#output;
  }

  /** The address in its log line about the page. */
  url(): Promise<string> {
    return until(
      "the page's address in the log",
      () => /page at (https?:\/\/[^\s"]+)/.exec(this.#output)?.[1],
    );
  }

  /** Runs another command of the command line against it. */
  cli(...words: string[]): { readonly code: number; readonly stdout: string; readonly stderr: string } {
    const { status, stdout, stderr } = spawnSync(
      LAUNCHER,
      [...words, "--config", this.config, "--data", this.data],
      {
        encoding: "utf8",
        env: { ...process.env, ...this.#environment, NO_COLOR: "1" },
        timeout: 30_000,
      },
    );
    return { code: status ?? -1, stdout, stderr };
  }

  /** `lifeguard status -o json`, undefined while nothing answers. */
  status(): Status | undefined {
    try {
      return JSON.parse(this.cli("status", "-o", "json").stdout);
    } catch {
      return undefined;
    }
  }

  /** Reads neither of its streams any more: what it writes from now on meets a broken pipe. */
  closeOutput(): void {
    this.#child?.stdout?.destroy();
    this.#child?.stderr?.destroy();
  }

  /** `kill -9`, and waits until it is gone. */
  async crash(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** SIGTERM. Resolves with the exit code. */
  stop(): Promise<number | null> {
    return this.#end("SIGTERM");
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child;
    if (!child) return null;
    if (child.exitCode === null && child.signalCode === null) {
      const exit = once(child, "exit");
      child.kill(signal);
      await exit;
    }
    this.#child = undefined;
    return child.exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end("SIGKILL");
  }
}

/** What `lifeguard status -o json` tells, as far as tests ask. */
export interface Status {
  readonly ready: boolean;
  readonly configError: string | null;
  readonly head: number;
  readonly components: ReadonlyArray<{
    readonly id: string;
    readonly state: string;
    readonly message: string;
  }>;
  readonly sinks: Readonly<Record<string, Books>>;
}

/** A sink's books as `status` tells them. */
export interface Books {
  readonly accepted: number;
  readonly delivered: number;
  readonly filtered: number;
  readonly deadLettered: number;
  readonly dropped: number;
  readonly unread: number;
}

/** Whether every event that the journal took is accounted for. */
export function balanced(books: Books): boolean {
  const { accepted, delivered, filtered, deadLettered, dropped, unread } = books;
  return accepted === delivered + filtered + deadLettered + dropped + unread;
}
