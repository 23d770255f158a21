import type { Writable } from "node:stream";
import { RetryableError } from "../../plugin/index.ts";

/** Streams whose late errors are caught, once each: a write that fails after the sink has closed must not end the process. */
const guarded = new WeakSet<Writable>();

/** Writes to a stream at the pace at which it is read, and falls silent when its reader has gone. */
export class Output {
  readonly #stream: Writable;
  readonly #onError = (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") this.#gone = true;
    this.#interrupt?.(error);
  };
  #gone = false;
  #interrupt: ((error: NodeJS.ErrnoException) => void) | undefined;

  constructor(stream: Writable) {
    this.#stream = stream;
    stream.on("error", this.#onError);
    if (guarded.has(stream)) return;
    guarded.add(stream);
    stream.on("error", () => {});
  }

  /** Whether whoever read it has gone: nothing more will be read. */
  get gone(): boolean {
    return this.#gone || this.#stream.destroyed;
  }

  /**
   * Writes text, and resolves when the stream has taken it. A reader that goes meanwhile is no error.
   * @throws RetryableError when the stream fails in any other way; the signal's reason when that aborts first
   */
  write(text: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      if (this.gone) return resolve();
      const settle = (end: () => void) => {
        signal.removeEventListener("abort", abort);
        this.#interrupt = undefined;
        end();
      };
      const finish = (error?: NodeJS.ErrnoException | null) =>
        settle(() =>
          error && error.code !== "EPIPE"
            ? reject(
                new RetryableError(`cannot write to standard output: ${error.message}`, { cause: error }),
              )
            : resolve(),
        );
      const abort = () => settle(() => reject(signal.reason));
      signal.addEventListener("abort", abort, { once: true });
      this.#interrupt = finish;
      // The callback comes when the bytes have left, so a reader that pauses holds back the next batch and nothing piles up here.
      this.#stream.write(text, finish);
    });
  }

  /** Lets go of the stream, which stays open: standard output belongs to the process. */
  close(): void {
    this.#stream.off("error", this.#onError);
  }
}
