import { EXIT } from "./exit-code.ts";

/** npm passes on a signal that the terminal has sent to the whole group already; two within this many milliseconds are one. */
const ECHO_MS = 200;

/**
 * The signals that reach this process: SIGTERM and SIGINT stop it, the first one asks and the second one forces, and SIGHUP reloads. One that
 * comes before anybody waits for it is not lost.
 */
class Signals {
  /** Resolves with the name of the first signal that asks to stop. */
  readonly stop: Promise<NodeJS.Signals>;
  #asked: NodeJS.Signals | undefined;
  #wanted = false;
  #reload = () => {
    this.#wanted = true;
  };

  constructor() {
    const { promise, resolve } = Promise.withResolvers<NodeJS.Signals>();
    this.stop = promise;
    const underNpm = process.env.npm_lifecycle_event !== undefined;
    let at = 0;
    const onStop = (signal: NodeJS.Signals) => {
      const now = performance.now();
      if (this.#asked === undefined) {
        this.#asked = signal;
        at = now;
        resolve(signal);
      } else if (!underNpm || now - at > ECHO_MS) process.exit(EXIT.failure);
    };
    process.on("SIGTERM", onStop);
    process.on("SIGINT", onStop);
    process.on("SIGHUP", () => this.#reload());
  }

  /** The signal that asked to stop, once there was one. */
  get asked(): NodeJS.Signals | undefined {
    return this.#asked;
  }

  /** Says what a reload is: done at every SIGHUP from now on, and at once where there was one. */
  onReload(reload: () => void): void {
    this.#reload = reload;
    if (this.#wanted) reload();
  }
}

let caught: Signals | undefined;

/** The signals of this process, caught from the first call on. */
export function signals(): Signals {
  caught ??= new Signals();
  return caught;
}
