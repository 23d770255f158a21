import type { SourceContext } from "../../plugin/index.ts";
import type { Known, KnownVim } from "./known.ts";
import { hostAndPort, urlOf } from "./target.ts";
import { sameWatch, type Vim } from "./vim.ts";
import { type MonitorTools, VimMonitor } from "./vim-monitor.ts";

/** Where VIMs come from; where two name the same one, the earlier counts. */
export const ORIGINS = ["config", "files", "tacker"] as const;

/** One place that VIMs come from. */
export type Origin = (typeof ORIGINS)[number];

/** VIMs that are registered before others have a turn, and milliseconds of that turn. */
const PORTION = 250;
const PAUSE = 5;

interface Watched {
  readonly vim: Vim;
  readonly monitor: VimMonitor;
}

/** The manager: exactly one monitor for each VIM, as they come, change and go. */
export class Registry {
  readonly #ctx: SourceContext;
  readonly #tools: MonitorTools;
  readonly #known: Known;
  readonly #lists = new Map<Origin, readonly Vim[]>();
  readonly #watched = new Map<string, Watched>();
  /** Known from before the start; not looked at yet by whom they came from. */
  readonly #before: Map<Origin, readonly KnownVim[]>;
  #clashes = "";
  #work: Promise<void> = Promise.resolve();

  /** @param before what `known` remembered at the start */
  constructor(
    ctx: SourceContext,
    tools: MonitorTools,
    known: Known,
    before: ReadonlyMap<string, readonly KnownVim[]>,
  ) {
    this.#ctx = ctx;
    this.#tools = tools;
    this.#known = known;
    this.#before = new Map(ORIGINS.map((origin) => [origin, before.get(origin) ?? []]));
  }

  /** How many VIMs are watched. */
  get size(): number {
    return this.#watched.size;
  }

  /**
   * These are the VIMs of one origin from now on: what is new is registered, what is gone unregistered, what changed made anew. Updates do
   * not overlap. Rejects only where the journal cannot remember them; nothing has changed then.
   */
  update(origin: Origin, vims: readonly Vim[]): Promise<void> {
    const done = this.#work.then(() => this.#follow(origin, vims));
    this.#work = done.catch(() => {});
    return done;
  }

  /** All origins have said what there is: what is known from before the start, and of none of them, is unregistered. */
  async settle(): Promise<void> {
    await this.#work;
    for (const origin of ORIGINS) {
      for (const { subject } of this.#before.get(origin) ?? []) this.#retire(subject);
      this.#before.delete(origin);
      await this.#remember(origin, []);
    }
  }

  async #follow(origin: Origin, vims: readonly Vim[]): Promise<void> {
    // Remembered before anything is told of them, and forgotten afterwards: whatever happens between, nothing stays behind for ever.
    await this.#remember(origin, vims);
    if (this.#ctx.signal.aborted) return;
    this.#lists.set(origin, vims);
    await this.#apply();
    await this.#remember(origin, []);
  }

  /** Remembers the VIMs of an origin: those that come, those that are there, and those that must be unregistered yet. */
  #remember(origin: Origin, coming: readonly Vim[]): Promise<void> {
    const all = [
      ...(this.#before.get(origin) ?? []),
      ...[...(this.#lists.get(origin) ?? []), ...coming].map(knownOf),
    ];
    return this.#known.save(origin, [...new Map(all.map((vim) => [vim.subject, vim])).values()]);
  }

  /** Takes back what is left of a VIM that was watched before the start. */
  #retire(subject: string): void {
    if (this.#watched.has(subject)) return;
    void this.#ctx
      .accept([{ type: "vim.unregistered", subject, message: "gone since the last start", data: null }])
      .catch(() => {});
    this.#ctx.describe(subject, null);
  }

  async #apply(): Promise<void> {
    const wanted = new Map<string, Vim>();
    const clashes: string[] = [];
    for (const origin of ORIGINS)
      for (const vim of this.#lists.get(origin) ?? [])
        if (wanted.has(vim.subject)) clashes.push(vim.subject);
        else wanted.set(vim.subject, vim);
    this.#report(clashes);
    for (const [subject, { vim, monitor }] of this.#watched) {
      const now = wanted.get(subject);
      if (now && sameWatch(now, vim)) continue;
      monitor.close();
      this.#watched.delete(subject);
      if (!now) this.#ctx.describe(subject, null);
    }
    let done = 0;
    for (const vim of wanted.values()) {
      if (!this.#watch(vim)) continue;
      done += 1;
      // Thousands at once would crowd out each other's events.
      if (done % PORTION === 0) await this.#ctx.clock.sleep(PAUSE, this.#ctx.signal);
    }
  }

  /** Returns whether there was anything to do. */
  #watch(vim: Vim): boolean {
    const { subject } = vim;
    const watched = this.#watched.get(subject);
    if (watched) {
      if (watched.vim === vim) return false;
      watched.monitor.rename(vim);
      this.#watched.set(subject, { ...watched, vim });
    } else {
      const monitor = new VimMonitor(vim, this.#tools, () => this.#remake(subject));
      this.#watched.set(subject, { vim, monitor });
    }
    this.#describe(vim);
    return true;
  }

  /** Core deleted a monitor that made no progress. Its VIM is still there, so it gets another. */
  #remake(subject: string): void {
    const vim = this.#watched.get(subject)?.vim;
    if (!vim || this.#ctx.signal.aborted) return;
    this.#watched.delete(subject);
    this.#watch(vim);
  }

  #describe({ subject, name, type, target }: Vim): void {
    this.#ctx.describe(subject, {
      title: name,
      description: `${type ?? "VIM"} at ${hostAndPort(target)}`,
      group: "VIMs",
      commands: ["run"],
    });
  }

  #report(clashes: readonly string[]): void {
    const text = clashes.join(", ");
    if (text !== this.#clashes && text !== "")
      this.#ctx.log.warn(`named twice, the first one counts (monitors.yaml, files, Tacker): ${text}`);
    this.#clashes = text;
  }
}

function knownOf({ subject, name, type, target }: Vim): KnownVim {
  return { subject, name, type, url: urlOf(target) };
}
