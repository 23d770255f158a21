/** Lets so many tasks run at once; the others wait in line. */
export class Gate {
  #free: number;
  readonly #waiting = new Set<() => void>();

  constructor(atOnce: number) {
    this.#free = atOnce;
  }

  /**
   * Runs a task when it is its turn.
   * @throws what the task throws; the signal's reason when that aborts while it waits
   */
  async pass(task: () => Promise<void>, signal: AbortSignal): Promise<void> {
    if (this.#free > 0) this.#free--;
    else await this.#turn(signal);
    try {
      await task();
    } finally {
      const [next] = this.#waiting;
      if (next) next();
      else this.#free++;
    }
  }

  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting.delete(enter);
        reject(signal.reason);
      };
      const enter = () => {
        this.#waiting.delete(enter);
        signal.removeEventListener("abort", leave);
        resolve();
      };
      signal.addEventListener("abort", leave, { once: true });
      this.#waiting.add(enter);
    });
  }
}
