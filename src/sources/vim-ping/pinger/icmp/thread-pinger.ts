import { getCompileCacheDir } from "node:module";
import { dirname, extname } from "node:path";
import { Worker } from "node:worker_threads";
import { LifeguardError } from "../../../../plugin/index.ts";
import { checkTarget } from "../check-target.ts";
import type { Pinger, PingerOptions, PingTarget } from "../port.ts";
import type { Refusal } from "../refusal.ts";
import type { Order, Orders, Report } from "./messages.ts";
import { readRounds } from "./outbox.ts";
import { Tally } from "./tally.ts";

/** State is in typed arrays, outside the heap. */
const LIMITS = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 8 };

/** Milliseconds that the thread has to end by itself. */
const PATIENCE = 800;

/** Targets in neighbouring rows that begin together: their requests go out in one call, and what is known of them lies side by side in memory. */
const TOGETHER = 8;

/** Each next group begins this part of its interval later than the one before: so they are spread evenly, however many come. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

interface Row {
  readonly index: number;
  readonly generation: number;
}

/** Pings through sockets of its own, in a thread of its own. */
export class ThreadPinger implements Pinger {
  backend = "icmp-datagram";
  reason = "";
  readonly #options: PingerOptions;
  readonly #tally = new Tally();
  readonly #signal = new Int32Array(new SharedArrayBuffer(8));
  readonly #worker: Worker;
  readonly #rows = new Map<string, Row>();
  /** The id in each row, undefined in free ones. */
  readonly #ids: Array<string | undefined> = [];
  readonly #generations: number[] = [];
  readonly #free: number[] = [];
  #orders: Order[] = [];
  readonly #seed = Math.random();
  #ready = Promise.withResolvers<Refusal | null>();
  #gone = Promise.withResolvers<void>();
  #state: "starting" | "running" | "closed" = "starting";

  private constructor(options: PingerOptions) {
    this.#options = options;
    // From source this is TypeScript, in the package JavaScript: the neighbour has the same extension.
    const file = new URL(`./worker${extname(import.meta.url)}`, import.meta.url);
    this.#worker = new Worker(file, {
      name: "vim-ping",
      workerData: { signal: this.#signal.buffer, tally: this.#tally.memory },
      resourceLimits: LIMITS,
      // None of the process's flags and variables concern the thread, and some of them would stop it.
      execArgv: [],
      env: compileCache(),
    });
    let failure: Error | null = null;
    this.#worker.on("message", (report: Report) => this.#hear(report));
    this.#worker.on("error", (error) => {
      failure = error instanceof Error ? error : new Error(String(error));
    });
    this.#worker.on("exit", () => this.#ended(failure));
  }

  /** Starts the thread. @returns the pinger, or why it has no socket */
  static async open(options: PingerOptions): Promise<ThreadPinger | Refusal> {
    const pinger = new ThreadPinger(options);
    return (await pinger.#ready.promise) ?? pinger;
  }

  set(target: PingTarget): void {
    checkTarget(target);
    const index = this.#rows.get(target.id)?.index ?? this.#free.shift() ?? this.#ids.length;
    const generation = (this.#generations[index] ?? 0) + 1;
    this.#generations[index] = generation;
    this.#ids[index] = target.id;
    this.#rows.set(target.id, { index, generation });
    const { interval, timeout, count, confirm, address } = target;
    const phase = (this.#seed + GOLDEN * Math.floor(index / TOGETHER)) % 1;
    const spec = { index, generation, interval, timeout, count, confirm, phase };
    this.#order({ kind: "set", spec, address });
  }

  remove(id: string): void {
    const row = this.#rows.get(id);
    if (!row) return;
    this.#rows.delete(id);
    this.#ids[row.index] = undefined;
    this.#free.push(row.index);
    this.#order({ kind: "remove", index: row.index });
  }

  counters() {
    return this.#tally.read();
  }

  async close(): Promise<void> {
    if (this.#state !== "closed") {
      this.#state = "closed";
      this.#tell("close");
    }
    const patience = setTimeout(() => void this.#worker.terminate(), PATIENCE);
    await this.#gone.promise;
    clearTimeout(patience);
  }

  /** Orders of one turn of the event loop cross together. */
  #order(order: Order): void {
    if (this.#state === "closed") return;
    if (this.#orders.push(order) > 1) return;
    queueMicrotask(() => {
      const orders = this.#orders;
      this.#orders = [];
      if (this.#state !== "closed") this.#tell(orders);
    });
  }

  #tell(orders: Orders): void {
    this.#worker.postMessage(orders);
    Atomics.add(this.#signal, 0, 1);
    Atomics.notify(this.#signal, 0);
  }

  #hear(report: Report): void {
    if (report.kind === "rounds") {
      Atomics.add(this.#signal, 1, 1);
      readRounds(
        report,
        (index, generation) =>
          this.#state !== "closed" && this.#generations[index] === generation ? this.#ids[index] : undefined,
        (round) => this.#options.onRound(round),
      );
    } else if (report.kind === "ready") {
      this.#state = "running";
      this.backend = `icmp-${report.socket}`;
      this.reason = report.reason;
      this.#ready.resolve(null);
    } else this.#ready.resolve({ denied: report.denied, reason: report.reason });
  }

  #ended(failure: Error | null): void {
    const before = this.#state;
    this.#state = "closed";
    this.#gone.resolve();
    const why = failure?.message ?? "it ended";
    this.#ready.resolve({ denied: false, reason: `the pinger's thread did not start: ${why}` });
    if (before === "running")
      this.#options.onFailure(
        new LifeguardError("PING_THREAD", `the pinger's thread is gone: ${why}`, { cause: failure }),
      );
  }
}

/** The thread shares the process's cache of compiled code: without it, it would load all that strips types once more. */
function compileCache(): NodeJS.ProcessEnv {
  const folder = getCompileCacheDir();
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: dirname(folder) };
}
