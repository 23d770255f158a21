import type { SinkContext } from "../../plugin/index.ts";
import { Outages } from "./outages.ts";
import { LOOK_MS, Standstill } from "./standstill.ts";
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
  readonly #outages: Outages;

  constructor(thread: StoreThread, ctx: SinkContext) {
    this.#thread = thread;
    this.#ctx = ctx;
    this.#standstill = new Standstill(ctx.clock);
    this.#outages = new Outages(ctx.health);
  }

  start(): void {
    this.#running.push(
      this.#every("pruning", FIRST_MS, PRUNE_MS, () => this.#prune()),
      this.#every("noting that lifeguard watches", WATCH_MS, WATCH_MS, () => this.#watched()),
      this.#noticeGaps().catch(() => {}),
    );
  }

  /** Tells the database when nobody watched, and which sources fail. What is written afterwards counts that time as nothing. */
  async tellGaps(signal: AbortSignal): Promise<void> {
    await this.#standstill.report((stretch) => this.#thread.call("unwatched", stretch, signal));
    await this.#outages.report((states) =>
      this.#thread.call("sources", { states, now: this.#ctx.clock.now() }, signal),
    );
  }

  /** Notes a last time that lifeguard has watched. Resolves when nothing is under way. */
  async stop(): Promise<void> {
    this.#over.abort();
    await Promise.all(this.#running);
    await this.#watched(AbortSignal.timeout(300)).catch(() => {});
  }

  /** Looks for them also while nothing is written. A database that does not answer must not keep it from looking. */
  async #noticeGaps(): Promise<void> {
    const { clock, log } = this.#ctx;
    const { signal } = this.#over;
    let telling = false;
    for (;;) {
      await clock.sleep(LOOK_MS, signal);
      this.#standstill.look();
      if (telling) continue;
      telling = true;
      void this.tellGaps(signal)
        .catch((error) => log.debug("noting a gap failed, and is tried again later", { error }))
        .finally(() => {
          telling = false;
        });
    }
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
