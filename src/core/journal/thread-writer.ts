import { getCompileCacheDir } from "node:module";
import { dirname, extname } from "node:path";
import { Worker } from "node:worker_threads";
import { LifeguardError } from "../../plugin/index.ts";
import type { GroupWriter, OnPruned } from "./group-writer.ts";
import type { WriterData, WriterReport, WriterRequest } from "./messages.ts";
import type { Slice } from "./slice.ts";
import type { Footprint } from "./store.ts";

/** The thread holds one slice at a time: a small heap will do, and keeps the process small. */
const LIMITS = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 16 };

/** Writes through the writer thread. A thread that died is replaced by `reset`. */
export class ThreadWriter implements GroupWriter {
  readonly window = 5;
  readonly maxEvents = 10_000;
  readonly #data: WriterData;
  readonly #onPruned: OnPruned;
  #worker: Worker | null = null;
  #commit: PromiseWithResolvers<Footprint> | null = null;
  #pinned: ReadonlySet<string> | null = null;
  /** Why the thread is gone. */
  #death = "not started";

  private constructor(data: WriterData, onPruned: OnPruned) {
    this.#data = data;
    this.#onPruned = onPruned;
  }

  /** Starts the thread. @returns the writer, and where the journal stands */
  static async start(
    data: WriterData,
    onPruned: OnPruned,
  ): Promise<{ writer: ThreadWriter; footprint: Footprint }> {
    const writer = new ThreadWriter(data, onPruned);
    return { writer, footprint: await writer.#spawn() };
  }

  apply(slice: Slice): void {
    this.#send({ kind: "slice", slice });
  }

  commit(now: number): Promise<Footprint> {
    if (!this.#worker) return Promise.reject(dead(this.#death));
    this.#commit = Promise.withResolvers();
    this.#send({ kind: "commit", now });
    return this.#commit.promise;
  }

  async reset(): Promise<void> {
    if (this.#worker) {
      this.#send({ kind: "reset" });
      return;
    }
    await this.#spawn();
    if (this.#pinned) this.#send({ kind: "pin", sinks: this.#pinned, now: 0 });
  }

  maintain(now: number): void {
    this.#send({ kind: "maintain", now });
  }

  pin(sinks: ReadonlySet<string>, now: number): void {
    this.#pinned = sinks;
    this.#send({ kind: "pin", sinks, now });
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    if (!worker) return;
    const exit = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
    this.#send({ kind: "close" });
    await exit;
  }

  async kill(): Promise<void> {
    await this.#worker?.terminate();
  }

  #send(request: WriterRequest): void {
    this.#worker?.postMessage(request);
  }

  #spawn(): Promise<Footprint> {
    const ready = Promise.withResolvers<Footprint>();
    // From source this is TypeScript, in the package JavaScript: the neighbour has the same extension.
    const file = new URL(`./worker${extname(import.meta.url)}`, import.meta.url);
    const worker = new Worker(file, {
      name: "journal",
      workerData: this.#data,
      resourceLimits: LIMITS,
      // None of the process's flags and variables concern the thread, and some of them would stop it.
      execArgv: [],
      env: compileCache(),
    });
    this.#worker = worker;
    let reason = "it ended";
    worker.on("message", (report: WriterReport) => {
      if (report.kind === "ready") ready.resolve(report.footprint);
      else this.#hear(report);
    });
    worker.on("error", (error) => {
      reason = error instanceof Error ? error.message : String(error);
    });
    worker.on("exit", () => {
      if (this.#worker === worker) this.#worker = null;
      this.#death = reason;
      this.#settle()?.reject(dead(reason));
      ready.reject(dead(reason));
    });
    return ready.promise;
  }

  #hear(report: WriterReport): void {
    if (report.kind === "committed") this.#settle()?.resolve(report.footprint);
    else if (report.kind === "failed") this.#settle()?.reject(new Error(report.reason));
    else if (report.kind === "pruned") this.#onPruned(report.footprint, report.drops);
  }

  #settle(): PromiseWithResolvers<Footprint> | null {
    const commit = this.#commit;
    this.#commit = null;
    return commit;
  }
}

/** The thread shares the process's cache of compiled code: without it, it would load all that strips types once more. */
function compileCache(): NodeJS.ProcessEnv {
  const folder = getCompileCacheDir();
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: dirname(folder) };
}

function dead(reason: string): LifeguardError {
  return new LifeguardError("JOURNAL_WRITER", `the journal's writer thread is gone: ${reason}`);
}
