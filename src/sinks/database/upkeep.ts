import type { SinkContext } from "../../plugin/index.ts";
import { Standstill } from "./standstill.ts";
import type { StoreThread } from "./store-thread.ts";

/** How often it is noted that lifeguard still watches, though nothing happens. */
const WATCH_MS = 30_000;
/** How often old rows are looked for, and how long other work has its turn between two steps. */
const PRUNE_MS = 10 * 60_000;
const STEP_MS = 20;
/** After so many failures in a row it does not look like a hiccup. */
const LASTING = 2;
/** The first look comes late enough not to disturb the start. */
const FIRST_MS = 5000;

/** What has to be done in the database beside the writing: forgetting, and noting when lifeguard watches and when it did not. */
export class Upkeep {
  /** Whether a batch is under way or has failed, so that not everything received is in the database. */
  writing = false;
  readonly #thread: StoreThread;
  readonly #ctx: SinkContext;
  readonly #over = new AbortController();
  readonly #running: Promise<void>[] = [];
  readonly #standstill: Standstill;

  constructor(thread: StoreThread, ctx: SinkContext) {
    this.#thread = thread;
    this.#ctx = ctx;
    this.#standstill = new Standstill(ctx.clock);
  }

  start(): void {
    this.#running.push(
      this.#every("pruning", FIRST_MS, PRUNE_MS, () => this.#prune()),
      this.#every("noting that lifeguard watches", WATCH_MS, WATCH_MS, () => this.#watched()),
      this.#noticeStandstills(),
    );
  }

  /** Tells the database when nobody watched. What is written afterwards counts that time as nothing. */
  async tellStandstills(signal: AbortSignal): Promise<void> {
    await this.#standstill.report((stretch) => this.#thread.call("unwatched", stretch, signal));
  }

  /** Notes a last time that lifeguard has watched. Resolves when nothing is under way. */
  async stop(): Promise<void> {
    this.#over.abort();
    await Promise.all(this.#running);
    await this.#watched(AbortSignal.timeout(300)).catch(() => {});
  }

  async #noticeStandstills(): Promise<void> {
    const { signal } = this.#over;
    const { log } = this.#ctx;
    // Where it fails, the next write tries again, or the next look.
    const tell = () =>
      void this.tellStandstills(signal).catch((error) =>
        log.debug("noting a standstill failed, and is tried again later", { error }),
      );
    await this.#standstill.watch(tell, signal).catch(() => {});
  }

  async #prune(): Promise<void> {
    const { clock } = this.#ctx;
    while (await this.#thread.call("prune", clock.now(), this.#over.signal))
      await clock.sleep(STEP_MS, this.#over.signal);
  }

  async #watched(signal = this.#over.signal): Promise<void> {
    // The events of the last moment may still be gathered into a batch; nothing hangs on a second.
    if (!this.writing) await this.#thread.call("watched", this.#ctx.clock.now() - 1000, signal);
  }

  async #every(what: string, first: number, interval: number, work: () => Promise<void>): Promise<void> {
    const { clock, log } = this.#ctx;
    const { signal } = this.#over;
    let failures = 0;
    for (let wait = first; ; wait = interval) {
      try {
        await clock.sleep(wait, signal);
        await work();
        failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        failures++;
        if (failures === LASTING) log.warn(`${what} fails again and again`, { error });
        else log.debug(`${what} failed, and is tried again later`, { error });
      }
    }
  }
}
