import type { Finding } from "./finding.ts";
import type { Names, Resolution } from "./names.ts";
import type { Probe } from "./settings.ts";
import type { Target } from "./target.ts";

/** Knows the addresses of one VIM, whether they are written in its URL or follow a name. */
export class HostWatch {
  readonly #names: Names;
  readonly #target: Target;
  #resolution: Resolution | undefined;
  #unfollow: () => void = () => {};
  /** Those who wait for the first answer; most hosts are addresses, for which nobody waits. */
  #waiting: Array<() => void> = [];

  constructor(target: Target, names: Names) {
    this.#target = target;
    this.#names = names;
    if (target.literal) this.#resolution = { addresses: [target.host] };
  }

  /** What is known now; undefined until the name was asked about for the first time. */
  get resolution(): Resolution | undefined {
    return this.#resolution;
  }

  /** Begins to follow the name. @param onChange called at once where it is known already, and whenever it was asked again */
  start(onChange: (resolution: Resolution) => void): void {
    if (this.#resolution) {
      onChange(this.#resolution);
      return;
    }
    this.#unfollow = this.#names.follow(this.#target.host, (resolution) => {
      this.#resolution = resolution;
      for (const wake of this.#waiting.splice(0)) wake();
      onChange(resolution);
    });
  }

  /** The addresses, once they are known. Rejects with the signal's reason. */
  async addresses(signal: AbortSignal): Promise<Resolution> {
    signal.throwIfAborted();
    if (!this.#resolution)
      await new Promise<void>((resolve, reject) => {
        const abort = () => reject(signal.reason);
        signal.addEventListener("abort", abort, { once: true });
        this.#waiting.push(() => {
          signal.removeEventListener("abort", abort);
          resolve();
        });
      });
    return this.#resolution as Resolution;
  }

  close(): void {
    this.#unfollow();
  }
}

/** What a round finds of a VIM whose name says nothing. */
export function unresolved(reason: string, probe: Probe, now: number): Finding {
  return {
    outcome: "unmeasured",
    probe,
    began: now,
    ended: now,
    address: null,
    sent: 0,
    times: [],
    error: "dns",
    reason,
    code: undefined,
  };
}
