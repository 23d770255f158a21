import type { SourceContext } from "../../plugin/index.ts";
import { accessOf } from "./cloud-access.ts";
import type { Settings } from "./settings.ts";
import { Tacker, type TackerList, type TackerVim } from "./tacker.ts";
import type { TackerConfig } from "./tacker-config.ts";
import { parseTarget } from "./target.ts";
import type { Vim } from "./vim.ts";

/** What a discovery is made from. */
export interface DiscoveryParts {
  readonly ctx: Pick<SourceContext, "clock" | "log" | "signal" | "metrics" | "state">;
  readonly config: TackerConfig;
  readonly settings: Settings;
  /** VIMs known from before, which stand until Tacker says otherwise. */
  readonly known: readonly Vim[];
  /** Told of the VIMs there are, after each list. */
  onVims(vims: readonly Vim[]): Promise<void>;
  /** Told in words how Tacker is, whenever that changes. */
  onState(words: string): void;
}

/** Under which the project is remembered that the known VIMs belong to. */
const PROJECT_KEY = "tacker-project";

/** Asks a Tacker again and again which VIMs there are. Whatever goes wrong leaves everything as it is. */
export class Discovery {
  readonly #parts: DiscoveryParts;
  readonly #lists: { add(amount?: number, labels?: Readonly<Record<string, string>>): void };
  #known: ReadonlyMap<string, Vim>;
  /** Id of the project whose VIMs are known; undefined while none are. */
  #project: string | undefined;
  #tacker: Tacker | undefined;
  #trouble: string | undefined;
  #notes = "";

  constructor(parts: DiscoveryParts) {
    this.#parts = parts;
    this.#known = new Map(parts.known.map((vim) => [vim.subject, vim]));
    this.#lists = parts.ctx.metrics.counter({
      name: "vim_ping_tacker_lists_total",
      help: "Lists of VIMs that were asked of Tacker, by outcome",
      labels: ["outcome"],
    });
  }

  /** Asks until the source stops. Never rejects. */
  async run(): Promise<void> {
    const { clock, signal, state } = this.#parts.ctx;
    const { every } = this.#parts.config;
    try {
      const project = await state.get(PROJECT_KEY);
      if (typeof project === "string") this.#project = project;
      for (;;) {
        const began = clock.monotonic();
        await this.#ask();
        await clock.sleep(Math.max(0, began + every - clock.monotonic()), signal);
      }
    } catch {
      // It ends with the source.
    }
  }

  async #ask(): Promise<void> {
    const { ctx, config, onVims } = this.#parts;
    try {
      this.#tacker ??= new Tacker(await accessOf(config), config.timeout, ctx.signal);
      const list = await this.#list(this.#tacker);
      if (list) {
        const vims = this.#vimsOf(list);
        await onVims(vims);
        this.#known = new Map(vims.map((vim) => [vim.subject, vim]));
        if (this.#project !== list.project.id) await ctx.state.set(PROJECT_KEY, list.project.id);
        this.#project = list.project.id;
      }
      this.#lists.add(1, { outcome: "ok" });
      this.#answered(this.#known.size);
    } catch (error) {
      ctx.signal.throwIfAborted();
      // What clouds.yaml says may be mended meanwhile.
      this.#tacker?.forget();
      this.#tacker = undefined;
      this.#lists.add(1, { outcome: "failed" });
      this.#failed((error as Error).message);
    }
  }

  /** A list; undefined where an empty one is not believed. */
  async #list(tacker: Tacker): Promise<TackerList | undefined> {
    const list = await tacker.list();
    if (list.vims.length > 0 || list.skipped > 0 || this.#known.size === 0) return list;
    if (this.#project !== undefined && this.#project !== list.project.id) {
      this.#note(
        `project ${list.project.name} has no VIMs, but those known are of another project: they are kept`,
      );
      return undefined;
    }
    // All gone at once: true perhaps, but only with a token that has just been given for this project.
    tacker.forget();
    return tacker.list();
  }

  #vimsOf({ vims, skipped }: TackerList): Vim[] {
    const bad: string[] = [];
    const usable = vims.flatMap((vim) => {
      const usable = this.#vimOf(vim) ?? this.#known.get(`vim/${vim.id}`);
      if (!usable || usable.name !== vim.name) bad.push(vim.id);
      return usable ? [usable] : [];
    });
    this.#note(
      [
        ...(bad.length > 0 ? [`no usable auth_url: ${bad.join(", ")}`] : []),
        ...(skipped > 0 ? [`${skipped} VIMs could not be understood`] : []),
      ].join("; "),
    );
    return [...new Map(usable.map((vim) => [vim.subject, vim])).values()];
  }

  #vimOf({ id, name, type, authUrl }: TackerVim): Vim | undefined {
    try {
      const vim = {
        subject: `vim/${id}`,
        name,
        type,
        target: parseTarget(authUrl),
        settings: this.#parts.settings,
      };
      return vim;
    } catch {
      return undefined;
    }
  }

  #note(text: string): void {
    if (text !== this.#notes && text !== "") this.#parts.ctx.log.warn(`Tacker: ${text}`);
    this.#notes = text;
  }

  #answered(count: number): void {
    const { ctx, onState } = this.#parts;
    if (this.#trouble !== undefined) ctx.log.info(`Tacker answers again, with ${count} VIMs`);
    this.#trouble = undefined;
    onState(`Tacker tells of ${count} VIMs`);
  }

  #failed(message: string): void {
    const { ctx, onState } = this.#parts;
    if (this.#trouble !== message)
      ctx.log.warn(`the VIMs of Tacker could not be listed; those known are kept: ${message}`);
    this.#trouble = message;
    onState(`Tacker's VIMs could not be listed: ${message}`);
  }
}
