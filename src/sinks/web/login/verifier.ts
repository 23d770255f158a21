import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import type { PasswordHash } from "./htpasswd.ts";

/** What the thread is asked. */
export interface Question {
  readonly id: number;
  readonly password: string;
  /** The first one counts; the others only take their time. */
  readonly hashes: readonly PasswordHash[];
}

/** What it answers. */
export interface Answer {
  readonly id: number;
  readonly ok: boolean;
}

/** Most passwords that wait for their turn: a few seconds' worth of bcrypt. */
const MAX_WAITING = 64;

/** Checks passwords in a thread of its own, one after another. The thread starts with the first of them. */
export class Verifier {
  readonly #waiting = new Map<number, { resolve(ok: boolean): void; reject(error: Error): void }>();
  #worker: Worker | undefined;
  #last = 0;
  #closed = false;

  /** Whether no more can wait. */
  get full(): boolean {
    return this.#waiting.size >= MAX_WAITING;
  }

  /**
   * Whether a password has the first of these hashes; it takes as long as all of them do.
   * @throws when the thread ended
   */
  verify(password: string, hashes: readonly PasswordHash[]): Promise<boolean> {
    if (this.#closed) return Promise.reject(new Error("no more passwords are checked"));
    const { promise, resolve, reject } = Promise.withResolvers<boolean>();
    const id = ++this.#last;
    this.#waiting.set(id, { resolve, reject });
    this.#worker ??= this.#start();
    this.#worker.postMessage({ id, password, hashes } satisfies Question);
    return promise;
  }

  /** Ends the thread; what waits is rejected. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#worker?.terminate();
  }

  #start(): Worker {
    // From source this is TypeScript, in the package JavaScript: the neighbour has the same extension.
    const worker = new Worker(new URL(`./verify-worker${extname(import.meta.url)}`, import.meta.url), {
      name: "logins",
      execArgv: [],
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: 64 },
    });
    let reason = "it ended";
    worker.on("message", ({ id, ok }: Answer) => {
      this.#waiting.get(id)?.resolve(ok);
      this.#waiting.delete(id);
    });
    worker.on("error", (error) => {
      reason = error instanceof Error ? error.message : String(error);
    });
    worker.on("exit", () => {
      this.#worker = undefined;
      const waiting = [...this.#waiting.values()];
      this.#waiting.clear();
      for (const { reject } of waiting)
        reject(new Error(`the thread that checks passwords is gone: ${reason}`));
    });
    return worker;
  }
}
