import type { History } from "../../plugin/index.ts";

/** The histories that running sinks offer. */
export class Histories {
  readonly #running = new Set<History>();

  /** That of the sink that began to offer one first, of those that run; undefined while there is none. */
  get current(): History | undefined {
    const [first] = this.#running;
    return first;
  }

  /** A sink offers one from now on. */
  add(history: History): void {
    this.#running.add(history);
  }

  /** It does not any more. */
  remove(history: History): void {
    this.#running.delete(history);
  }
}
