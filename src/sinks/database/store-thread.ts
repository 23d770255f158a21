import { getCompileCacheDir } from "node:module";
import { dirname, extname } from "node:path";
import { Worker } from "node:worker_threads";
import { LifeguardError, PermanentError, RetryableError } from "../../plugin/index.ts";
import type { Calls, Reply, Request } from "./messages.ts";
import type { StoreOptions } from "./store/store.ts";

/** What the thread keeps is bounded: more means that something is wrong. Batches are short-lived, and should not be taken for old. */
const LIMITS = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 64 };

/** After so much text the rest of the process has a turn. */
const TURN_CHARACTERS = 2 ** 20;

type Waiting = PromiseWithResolvers<unknown>;

/** The main thread's side of the store. A thread that died is replaced by the next call. */
export class StoreThread {
  readonly #options: StoreOptions;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Promise<Worker> | null = null;
  #last = 0;
  #closed = false;

  constructor(options: StoreOptions) {
    this.#options = options;
  }

  /**
   * Opens the database.
   * @throws RetryableError while it cannot be reached, LifeguardError `CONFIG` where it never can
   */
  async open(): Promise<void> {
    await this.#running();
  }

  /**
   * Calls the thread.
   * @throws RetryableError, PermanentError with the refused events, LifeguardError for a wrong query; the signal's reason when that aborts
   */
  async call<Name extends Exclude<keyof Calls, "write">>(
    call: Name,
    argument: Calls[Name]["argument"],
    signal?: AbortSignal,
  ): Promise<Calls[Name]["answer"]> {
    signal?.throwIfAborted();
    const worker = await this.#running();
    signal?.throwIfAborted();
    const id = ++this.#last;
    return (await this.#send(worker, { id, call, argument } as Request, signal)) as Calls[Name]["answer"];
  }

  /**
   * Writes a batch in one transaction.
   * @param parts JSON lists of packed envelopes; each is made when the one before is on its way
   * @throws as `call`
   */
  async write(parts: Iterable<string>, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const worker = await this.#running();
    signal.throwIfAborted();
    const id = ++this.#last;
    try {
      let size = 0;
      for (const text of parts) {
        worker.postMessage({ id, call: "part", text } satisfies Request);
        size += text.length;
        if (size < TURN_CHARACTERS) continue;
        size = 0;
        await new Promise((resolve) => setImmediate(resolve));
        signal.throwIfAborted();
      }
    } catch (error) {
      // Else the thread would wait for the rest.
      worker.postMessage({ id, call: "abort" } satisfies Request);
      throw error;
    }
    await this.#send(worker, { id, call: "write", argument: null }, signal);
  }

  async #send(worker: Worker, request: Request, signal: AbortSignal | undefined): Promise<unknown> {
    const { id } = request;
    const waiting: Waiting = Promise.withResolvers();
    this.#waiting.set(id, waiting);
    const abort = () => {
      worker.postMessage({ id, call: "abort" } satisfies Request);
      this.#waiting.delete(id);
      waiting.reject(signal?.reason);
    };
    signal?.addEventListener("abort", abort, { once: true });
    worker.postMessage(request);
    try {
      return await waiting.promise;
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  /** Closes the database and ends the thread. What does not come to an end within `within` milliseconds is cut. Idempotent. */
  async close(within: number): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.end(within);
  }

  /** The same, but the next call opens the database anew. */
  async end(within: number): Promise<void> {
    const worker = await this.#worker?.catch(() => null);
    if (!worker) return;
    const exit = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
    const cut = setTimeout(() => void worker.terminate(), within);
    worker.postMessage({ id: ++this.#last, call: "close", argument: null } satisfies Request);
    await exit;
    clearTimeout(cut);
  }

  #running(): Promise<Worker> {
    if (this.#closed) return Promise.reject(new RetryableError("the database sink is closed"));
    this.#worker ??= this.#spawn();
    return this.#worker;
  }

  async #spawn(): Promise<Worker> {
    // From source this is TypeScript, in the package JavaScript: the neighbour has the same extension.
    const worker = new Worker(new URL(`./worker${extname(import.meta.url)}`, import.meta.url), {
      name: "database",
      workerData: this.#options,
      resourceLimits: LIMITS,
      execArgv: [],
      env: environment(),
    });
    const opened: Waiting = Promise.withResolvers();
    this.#waiting.set(0, opened);
    let reason = "it ended";
    worker.on("message", (reply: Reply) => this.#hear(reply));
    worker.on("error", (error) => {
      reason = error instanceof Error ? error.message : String(error);
    });
    worker.on("exit", () => {
      this.#worker = null;
      const waiting = [...this.#waiting.values()];
      this.#waiting.clear();
      for (const { reject } of waiting) reject(new RetryableError(`the store's thread is gone: ${reason}`));
    });
    await opened.promise;
    return worker;
  }

  #hear(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if ("failure" in reply) waiting?.reject(errorOf(reply.failure));
    else waiting?.resolve(reply.answer);
  }
}

function errorOf({ kind, message, refused, code }: Extract<Reply, { failure: unknown }>["failure"]): Error {
  if (kind === "data") return new PermanentError(message, { refused: refused ?? [] });
  return code === undefined ? new RetryableError(message) : new LifeguardError(code, message);
}

/** The driver heeds the usual variables of PostgreSQL (`PGPASSWORD`, `PGPASSFILE`); the thread shares the cache of compiled code. */
function environment(): NodeJS.ProcessEnv {
  const { HOME, USER } = process.env;
  const own = Object.entries(process.env).filter(([name]) => name.startsWith("PG"));
  const folder = getCompileCacheDir();
  return {
    ...Object.fromEntries(own),
    ...(HOME !== undefined && { HOME }),
    ...(USER !== undefined && { USER }),
    ...(folder !== undefined && { NODE_COMPILE_CACHE: dirname(folder) }),
  };
}
