import { join } from "node:path";
import { merge } from "rxjs";
import { defineSource, type Schedule, type SourceContext } from "../../plugin/index.ts";
import { chooseRunner, SPAWN_VARIABLE } from "./choose-runner.ts";
import { isGlob, type PromisesConfig, promisesConfig } from "./config.ts";
import { promiseEnvironment } from "./environment.ts";
import { promiseEvents } from "./events.ts";
import { expandGlob, globRoot, isBelow } from "./expand-glob.ts";
import { Freshness } from "./freshness.ts";
import { Instance, type InstanceTools } from "./instance.ts";
import { InstanceRecords } from "./instance-record.ts";
import type { Note } from "./note.ts";
import { NoteBook } from "./note-book.ts";
import { onlyPlace, type Place, placesOf } from "./places.ts";
import { retireInstance } from "./retire.ts";
import { checkNice, resolveRunAs } from "./run-as.ts";

/** Milliseconds between looks at the age of results. */
const FRESHNESS_LOOK = 15_000;

/** Milliseconds between looks at everything, for changes that no watcher sees, such as those behind a link. */
const LOOK_AT_ALL = 300_000;

/** Milliseconds between looks for new instances of a glob: a monitor.conf may appear far below any folder that is watched. */
const LOOK_FOR_INSTANCES = 15_000;

export default defineSource({
  name: "promises",
  summary:
    "Executables that each check one thing, by the contract of SlapOS's promises or of Nagios's plugins",
  config: promisesConfig,
  events: promiseEvents,
  async start(config, ctx) {
    const own = process.geteuid?.();
    checkNice(config.nice, own);
    const runAs = config.run_as === undefined ? undefined : await resolveRunAs(config.run_as, own);
    const { runner, why } = chooseRunner({
      forced: process.env[SPAWN_VARIABLE],
      otherUser: runAs !== undefined,
    });
    ctx.log.info(`promises run by ${runner.name}: ${why}`);
    ctx.monitors.limit(config.concurrency);
    const instances = new Instances(config, ctx, {
      runner,
      clock: ctx.clock,
      log: ctx.log,
      freshness: new Freshness(),
      environment: promiseEnvironment({ ...process.env, ...runAs?.environment }, config.environment),
      user: runAs,
      config,
      ctx,
      records: new InstanceRecords(ctx.state),
    });
    await instances.look();
    repeat(ctx, FRESHNESS_LOOK, () => instances.checkFreshness());
    repeat(ctx, LOOK_AT_ALL, () => instances.lookAtAll());
    if (config.monitor_conf !== undefined && isGlob(config.monitor_conf)) {
      repeat(ctx, LOOK_FOR_INSTANCES, () => instances.look());
      const watched = ctx.watch(globRoot(config.monitor_conf)).subscribe(() => void instances.look());
      ctx.onStop(() => watched.unsubscribe());
    }
    ctx.onStop(() => instances.close());
  },
});

/** The instances of a source: one, or as many as a glob names. */
class Instances {
  readonly #config: PromisesConfig;
  readonly #ctx: SourceContext;
  readonly #tools: InstanceTools;
  readonly #open = new Map<string, { readonly instance: Instance; unwatch(): void }>();
  readonly #notes: NoteBook;
  /** The folder above all that a glob can name. */
  readonly #root: string;
  #looking: Promise<void> | undefined;
  #lookAgain = false;

  constructor(config: PromisesConfig, ctx: SourceContext, tools: InstanceTools) {
    this.#config = config;
    this.#notes = new NoteBook(ctx.log);
    this.#root = globRoot(config.monitor_conf ?? "");
    this.#ctx = ctx;
    this.#tools = tools;
  }

  /** Follows which instances there are. Looks do not overlap: one asked for meanwhile, or many, is one afterwards. Never rejects. */
  look(): Promise<void> {
    this.#lookAgain = true;
    this.#looking ??= this.#keepLooking().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async lookAtAll(): Promise<void> {
    for (const { instance } of this.#open.values()) await instance.look();
  }

  async checkFreshness(): Promise<void> {
    for (const { instance } of this.#open.values()) await instance.checkFreshness();
  }

  async close(): Promise<void> {
    const open = [...this.#open.values()];
    this.#open.clear();
    for (const { unwatch } of open) unwatch();
    await Promise.all(open.map(({ instance }) => instance.close()));
  }

  async #keepLooking(): Promise<void> {
    while (this.#lookAgain && !this.#ctx.signal.aborted) {
      this.#lookAgain = false;
      await this.#follow().catch((error: Error) =>
        this.#tools.log.error("the instances could not be looked for", { error: error.message }),
      );
    }
  }

  async #follow(): Promise<void> {
    const { places, unreadable } = await this.#places();
    const wanted = new Map(places.map((place) => [place.name, place]));
    for (const [name, { instance, unwatch }] of this.#open) {
      const { monitorConf } = instance.place;
      if (wanted.get(name)?.monitorConf === monitorConf) continue;
      // What cannot be seen now is not for certain gone. The instance itself tells that it cannot be read.
      if (!wanted.has(name) && monitorConf !== undefined && isBelow(monitorConf, unreadable.keys())) {
        void instance.look();
        continue;
      }
      unwatch();
      this.#open.delete(name);
      if (wanted.has(name)) await instance.close();
      else await instance.remove();
    }
    for (const name of await this.#tools.records.names()) {
      if (wanted.has(name) || this.#open.has(name)) continue;
      const record = await this.#tools.records.get(name);
      if (unreadable.has(this.#root) || (record && isBelow(record.publicFolder, unreadable.keys()))) continue;
      await retireInstance(name, this.#tools.records, this.#ctx);
    }
    const added = places.filter(({ name }) => !this.#open.has(name));
    await Promise.all(added.map((place) => this.#add(place)));
  }

  async #places(): Promise<{ places: Place[]; unreadable: ReadonlyMap<string, string> }> {
    const { monitor_conf: conf } = this.#config;
    if (conf === undefined || !isGlob(conf))
      return { places: [onlyPlace(this.#ctx.name, this.#config)], unreadable: new Map() };
    const { files, unreadable } = await expandGlob(conf);
    const notes: Note[] = [...unreadable].map(([file, error]) => ({
      file,
      message: `cannot be read: ${error}`,
    }));
    if (files.length === 0) notes.push({ file: conf, message: "nothing matches it yet" });
    this.#notes.report(notes);
    return { places: placesOf(files), unreadable };
  }

  async #add(place: Place): Promise<void> {
    if (this.#ctx.signal.aborted) return;
    const { timezone, working_directory: workingDirectory } = this.#config;
    const dataFolder = place.base === "" ? this.#ctx.dataDir() : join(this.#ctx.dataDir(), place.name);
    const schedule = scheduleOf(this.#config);
    const instance = new Instance(place, { schedule, timezone, workingDirectory, dataFolder }, this.#tools);
    const folders = place.directories.length > 0 ? place.directories : place.usual;
    const paths = place.monitorConf === undefined ? folders : [...folders, place.monitorConf];
    const watched = merge(...paths.map((path) => this.#ctx.watch(path))).subscribe(
      () => void instance.look(),
    );
    this.#open.set(place.name, { instance, unwatch: () => watched.unsubscribe() });
    await instance.look();
  }
}

function scheduleOf({ frequency, interval, timezone }: PromisesConfig): Schedule {
  return interval === undefined ? { cron: frequency ?? "* * * * *", timezone } : { every: interval };
}

/** Does something again and again, never twice at a time, until the source stops. */
function repeat(ctx: Pick<SourceContext, "clock" | "signal">, ms: number, work: () => Promise<void>): void {
  ctx.clock.setTimeout(() => void work().finally(() => repeat(ctx, ms, work)), ms, ctx.signal);
}
