import type { Clock } from "../../plugin/index.ts";
import type { LoadResult, Problem } from "../config/model.ts";
import type { RootLogger } from "../log.ts";
import type { Pipeline } from "../pipeline.ts";
import { watchPaths } from "../watch.ts";

/** What a reload did. */
export type Reloaded =
  | { readonly result: "unchanged" }
  | { readonly result: "reloaded"; readonly message: string }
  | { readonly result: "refused"; readonly problems: readonly Problem[]; readonly message: string };

/** What a reloader is made from. */
export interface ReloaderOptions {
  readonly pipeline: Pipeline;
  /** Loads the configuration from disk, as at the start. */
  readonly load: () => Promise<LoadResult>;
  /** Prints problems for people, with the lines they are about. */
  readonly print: (result: LoadResult & { ok: false }) => string;
  /** Told of every configuration that is about to run, so that its secrets are known before anything can print them. */
  readonly onConfig: (result: LoadResult & { ok: true }) => void;
  readonly clock: Clock;
  readonly log: RootLogger;
}

/** Why it reloads when nobody asked for it. */
const FILE_CHANGE = "file change";
/** When a newly watched configuration is read once more, in milliseconds: after the rush of a start. */
const SECOND_LOOK_MS = 2000;

/** Brings what is on disk to the pipeline: when a file changed, on SIGHUP, and by command. One reload at a time. */
export class Reloader {
  readonly #options: ReloaderOptions;
  #busy: Promise<unknown> = Promise.resolve();
  #hash: string;
  #watching = new AbortController();
  #stopped = false;

  constructor(options: ReloaderOptions) {
    this.#options = options;
    this.#hash = options.pipeline.config.hash;
    this.#watch(options.pipeline.config.watched);
  }

  /**
   * Loads, validates the whole, and applies what changed. An invalid configuration changes nothing. What was refused before is tried again
   * when somebody asks for it, but not for a file that changed without a difference: a port may be free now.
   * @param reason for the log: `SIGHUP`, `command`, `file change`
   */
  reload(reason: string): Promise<Reloaded> {
    const reloaded = this.#busy.then(() => this.#reload(reason, reason !== FILE_CHANGE));
    this.#busy = reloaded.catch(() => {});
    return reloaded;
  }

  /** Watches no more. A reload under way ends first. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#watching.abort();
    await this.#busy;
  }

  async #reload(reason: string, retry: boolean): Promise<Reloaded> {
    if (this.#stopped) return { result: "unchanged" };
    const { pipeline, load, print, onConfig, log } = this.#options;
    const { configHealth } = pipeline.engine;
    const result = await load();
    const watched = result.ok ? result.config.watched : result.watched;
    const hash = result.ok ? result.config.hash : result.hash;
    // Editors and ConfigMaps touch files without changing them: only another content is a reload.
    if (hash === this.#hash && !(retry && configHealth.error !== null)) return { result: "unchanged" };
    this.#hash = hash;
    this.#watch(watched);
    if (!result.ok) {
      const details = print(result);
      const [first] = result.problems;
      const message = `configuration refused (${reason}), the running one stays: ${first?.file}:${first?.line}:${first?.column} ${first?.code} ${first?.message}`;
      configHealth.refused(message, details);
      log.error(message, { problems: result.problems.length });
      return { result: "refused", problems: result.problems, message };
    }
    onConfig(result);
    const { rolledBack, restart } = await pipeline.apply(result.config);
    const notes = [
      ...(restart.length > 0 ? [`a change of ${restart.join(", ")} takes effect at the next start`] : []),
    ];
    if (rolledBack.length > 0) {
      const message = `could not start as now configured and run as before: ${rolledBack.map(({ kind, name, reason: why }) => `${kind} ${name} (${why})`).join(", ")}`;
      configHealth.refused(message, message);
      log.error(message);
      return { result: "refused", problems: [], message };
    }
    const message = [`configuration reloaded (${reason})`, ...notes].join("; ");
    configHealth.accepted(message);
    log.info(message);
    return { result: "reloaded", message };
  }

  #watch(paths: readonly string[]): void {
    if (this.#stopped) return;
    this.#watching.abort();
    this.#watching = new AbortController();
    const { clock, log } = this.#options;
    const { signal } = this.#watching;
    const look = () => {
      this.reload(FILE_CHANGE).catch((error) => log.error("a reload failed", { error }));
    };
    watchPaths(paths, { clock, signal, onChange: look });
    // What changed after it was read and before it was watched would else never be seen.
    clock.setTimeout(look, SECOND_LOOK_MS, signal);
  }
}
