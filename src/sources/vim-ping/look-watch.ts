import type { Finding } from "./finding.ts";
import { unresolved } from "./host-watch.ts";
import type { Resolution } from "./names.ts";
import type { Probe } from "./settings.ts";
import type { Watch, WatchParts } from "./watch.ts";

/** Milliseconds until a name that is still being resolved counts as unknown. */
const PATIENCE = 1000;

/** Looks at one VIM by connections, in its own rhythm; after a miss at once again, until enough were missed. */
export class LookWatch implements Watch {
  readonly #parts: WatchParts;
  readonly #probe: Exclude<Probe, "icmp">;
  #onFinding: (finding: Finding) => void = () => {};
  #misses = 0;
  #due = 0;
  #began = 0;
  #closed = false;
  #cancel: () => void = () => {};

  constructor(parts: WatchParts, probe: Exclude<Probe, "icmp">) {
    this.#parts = parts;
    this.#probe = probe;
  }

  start(onFinding: (finding: Finding) => void): void {
    const { clock, vim, host } = this.#parts;
    this.#onFinding = onFinding;
    host.start(() => {});
    // Spread, so that thousands that begin together do not go on together.
    this.#began = clock.monotonic();
    this.#due = this.#began + Math.random() * vim.settings.interval;
    this.#sleep();
  }

  async once(signal: AbortSignal): Promise<Finding> {
    return this.#look(await this.#parts.host.addresses(signal), signal);
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
  }

  #sleep(): void {
    const { clock, signal } = this.#parts;
    if (this.#closed || signal.aborted) return;
    const wait = Math.max(0, this.#due - clock.monotonic());
    this.#cancel = clock.setTimeout(() => void this.#round(), wait, signal);
  }

  async #round(): Promise<void> {
    const { clock, signal, host, vim } = this.#parts;
    const { interval, failAfter } = vim.settings;
    this.#due = Math.max(this.#due + interval, clock.monotonic());
    try {
      const waited = clock.monotonic() - this.#began;
      const unknown: Resolution | undefined =
        waited < PATIENCE
          ? undefined
          : { addresses: null, reason: `${vim.target.host} has not been resolved yet` };
      const resolution = host.resolution ?? unknown;
      if (resolution) {
        const finding = await this.#look(resolution, signal);
        if (this.#closed) return;
        this.#misses = finding.outcome === "miss" ? this.#misses + 1 : 0;
        if (this.#misses > 0 && this.#misses < failAfter) this.#due = clock.monotonic();
        this.#onFinding(finding);
      }
    } catch {
      // It ends with the source.
      return;
    }
    this.#sleep();
  }

  async #look(resolution: Resolution, signal: AbortSignal): Promise<Finding> {
    const { clock, looks, vim } = this.#parts;
    if (resolution.addresses === null) return unresolved(resolution.reason, this.#probe, clock.monotonic());
    const { target, settings } = vim;
    return looks.look(
      { probe: this.#probe, target, addresses: resolution.addresses, timeout: settings.timeout },
      signal,
    );
  }
}
