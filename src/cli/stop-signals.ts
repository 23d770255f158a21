/** npm passes on a signal that the terminal has sent to the whole group already; two within this many milliseconds are one. */
const ECHO_MS = 200;

/** The signals that stop a process: the first one asks, the second one forces. */
export class StopSignals {
  /** Resolves with the name of the first signal. */
  readonly first: Promise<NodeJS.Signals>;

  /** @param force called at the second signal */
  constructor(force: () => void) {
    const { promise, resolve } = Promise.withResolvers<NodeJS.Signals>();
    this.first = promise;
    const underNpm = process.env.npm_lifecycle_event !== undefined;
    let asked: number | undefined;
    const onSignal = (signal: NodeJS.Signals) => {
      const now = performance.now();
      if (asked === undefined) {
        asked = now;
        resolve(signal);
      } else if (!underNpm || now - asked > ECHO_MS) force();
    };
    process.on("SIGTERM", onSignal);
    process.on("SIGINT", onSignal);
  }
}
