import { type Clock, type Health, LifeguardError } from "../plugin/index.ts";
import { diffConfig, type InstancesDiff } from "./config/diff-config.ts";
import type { Config, SinkInstance, SourceInstance } from "./config/model.ts";
import { DeadLetters } from "./delivery/dead-letters.ts";
import { type Books, Delivery } from "./delivery/delivery.ts";
import type { IntakeSource } from "./intake/intake-source.ts";
import type { RootLogger } from "./log.ts";
import type { ComponentMetrics } from "./metrics.ts";
import { type Engine, openEngine } from "./pipeline/engine.ts";
import { OWN_SOURCE } from "./pipeline/own-health.ts";
import { sinkStart } from "./pipeline/sink-start.ts";
import { sourceStart } from "./pipeline/source-start.ts";

/** What a pipeline is started with. */
export interface PipelineOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: RootLogger;
  /** Monitors register but run only by command. */
  readonly idle?: boolean | undefined;
}

/** What became of a new configuration. */
export interface Applied {
  /** Instances that could not start with it and run as before, with the reason. */
  readonly rolledBack: readonly RolledBack[];
  /** Keys of monitors.yaml whose change waits for a start of the process. */
  readonly restart: readonly string[];
}

/** An instance that could not start as newly configured. */
export interface RolledBack {
  readonly kind: "source" | "sink";
  readonly name: string;
  readonly reason: string;
}

interface RunningSink {
  readonly instance: SinkInstance;
  readonly delivery: Delivery;
  readonly metrics: ComponentMetrics;
}

type RunningSinks = Map<string, RunningSink>;

/**
 * Runs one configuration: starts what it names, changes over to the next one without a gap, and stops.
 * A start is a change from nothing, so the way of a reload is walked at every start.
 */
export class Pipeline {
  readonly engine: Engine;
  readonly deadLetters: DeadLetters;
  #config: Config | undefined;
  /** The configuration that the engine was opened with. */
  readonly #opened: Config;
  readonly #sources = new Map<string, SourceInstance>();
  readonly #sinks: RunningSinks;
  #changing: Promise<unknown> = Promise.resolve();
  #stopped: Promise<void> | undefined;

  private constructor(engine: Engine, sinks: RunningSinks, opened: Config) {
    this.engine = engine;
    this.#opened = opened;
    this.#sinks = sinks;
    this.deadLetters = new DeadLetters(
      engine.journal,
      (sink) => this.#sinks.get(sink)?.delivery,
      (sink) => this.#sinks.get(sink)?.instance.delivery.batch.maxEvents ?? 1,
    );
  }

  /**
   * Opens the engine and starts everything that the configuration names.
   * @throws LifeguardError of data directory or journal; a source or sink that does not start is retried, not thrown
   */
  static async start({ config, clock, log, idle }: PipelineOptions): Promise<Pipeline> {
    const sinks: RunningSinks = new Map();
    const onPruned = (sink: string) => sinks.get(sink)?.delivery.noticePruning();
    const engine = await openEngine({ config, clock, log, idle, onPruned });
    const pipeline = new Pipeline(engine, sinks, config);
    await pipeline.apply(config);
    return pipeline;
  }

  /** The configuration that runs. */
  get config(): Config {
    return this.#config as Config;
  }

  get health(): Health {
    return this.engine.health;
  }

  /** The books of every sink that delivers. */
  books(): ReadonlyMap<string, Books> {
    const delivering = [...this.#sinks].filter(([, { delivery }]) => delivery.delivers);
    return new Map(delivering.map(([name, { delivery }]) => [name, delivery.books]));
  }

  /**
   * Lets a running sink try its way to the far end.
   * @returns what it did
   * @throws LifeguardError `SINK_UNKNOWN`, and what `Delivery.test` throws
   */
  async testSink(name: string, signal: AbortSignal): Promise<string> {
    const sink = this.#sinks.get(name);
    if (sink) return sink.delivery.test(signal);
    const known = [...this.#sinks.keys()].sort().join(", ") || "none";
    throw new LifeguardError("SINK_UNKNOWN", `there is no sink "${name}"; those that run: ${known}`);
  }

  /** Changes over to another configuration: stops, starts and keeps by instance. One change at a time. */
  apply(config: Config): Promise<Applied> {
    const applied = this.#changing.then(() => this.#change(config));
    this.#changing = applied.catch(() => {});
    return applied;
  }

  /** Sources stop, what they emitted is journalled, sinks flush, everything closes: within the shutdown timeout. Idempotent. */
  stop(): Promise<void> {
    this.#stopped ??= this.#changing.then(() => this.#stop());
    return this.#stopped;
  }

  async #change(config: Config): Promise<Applied> {
    if (this.#stopped) return { rolledBack: [], restart: [] };
    const before = this.#config;
    const diff = diffConfig(before, config, this.#opened);
    this.#config = config;
    const deadline = this.#deadline(config.shutdownTimeout);
    // Sources that go stop first, so that what they emitted last still finds the sinks that were there.
    await this.#each(diff.sources.stop, (name) => this.#stopSource(name, deadline.signal));
    // What is silenced is silenced before a sink could tell of it.
    this.engine.silenceKeeper.configure(config.maintenance);
    this.engine.histories.configure(config.sinks.keys());
    // Every sink has its cursor before any source starts: nothing that is accepted from now on escapes it.
    const rolledBack = await this.#changeSinks(diff.sinks, config, before, deadline.signal);
    this.engine.journal.pin(new Set(config.sinks.keys()));
    rolledBack.push(...(await this.#startSources(diff.sources, config, before, deadline.signal)));
    deadline.cancel();
    // What runs is what the next change is compared with: what was rolled back is tried again, even if nothing is changed about it.
    if (before) this.#config = withOld(config, before, rolledBack);
    await this.#forgetUndeclared(config);
    return { rolledBack, restart: diff.restart };
  }

  async #changeSinks(
    diff: InstancesDiff,
    config: Config,
    before: Config | undefined,
    deadline: AbortSignal,
  ): Promise<RolledBack[]> {
    await this.#each(diff.stop, (name) => this.#stopSink(name, deadline));
    const starting: SinkInstance[] = [];
    for (const name of diff.start) starting.push(config.sinks.get(name) as SinkInstance);
    // Cursors first, all of them: a sink that is slow to start must not cost another one its first events.
    for (const instance of starting)
      await this.#openSink(instance, before?.sinks.has(instance.name) ?? false);
    const failed: RolledBack[] = [];
    await this.#each(diff.start, async (name) => {
      const reason = await this.#runSink(name, config.title);
      const old = before?.sinks.get(name);
      if (!old || reason === undefined) return;
      await this.#stopSink(name, deadline);
      await this.#openSink(old, true);
      await this.#runSink(name, before?.title);
      failed.push({ kind: "sink", name, reason });
    });
    return failed;
  }

  async #startSources(
    diff: InstancesDiff,
    config: Config,
    before: Config | undefined,
    deadline: AbortSignal,
  ): Promise<RolledBack[]> {
    const failed: RolledBack[] = [];
    await this.#each(diff.start, async (name) => {
      const reason = await this.#runSource(config.sources.get(name) as SourceInstance);
      const old = before?.sources.get(name);
      if (!old || reason === undefined) return;
      await this.#stopSource(name, deadline);
      await this.#runSource(old);
      failed.push({ kind: "source", name, reason });
    });
    return failed;
  }

  /** @returns why it did not start */
  async #runSource(instance: SourceInstance): Promise<string | undefined> {
    const { supervisor } = this.engine;
    this.#sources.set(instance.name, instance);
    const component = supervisor.add(`source/${instance.name}`, "source");
    return supervisor.run(component, sourceStart(this.engine, instance));
  }

  async #stopSource(name: string, deadline: AbortSignal): Promise<void> {
    const { supervisor } = this.engine;
    await supervisor.stop(`source/${name}`, deadline);
    supervisor.remove(`source/${name}`);
    this.engine.directory.files.release(`sources.${name}`);
    this.#sources.delete(name);
  }

  async #openSink(instance: SinkInstance, resume: boolean): Promise<void> {
    const { engine } = this;
    const metrics = engine.metrics.forComponent("sink", instance.name);
    const delivery = await Delivery.open({
      instance,
      journal: engine.journal,
      source: engine.published,
      clock: engine.clock,
      log: engine.log.child(instance.name),
      redact: engine.log.redact,
      metrics,
      emit: (draft) => engine.own.emit(draft),
      deadLetterLimit: this.config.limits.deadLetters,
      resume,
    });
    this.#sinks.set(instance.name, { instance, delivery, metrics });
  }

  /** @returns why it did not start */
  async #runSink(name: string, title: string | undefined): Promise<string | undefined> {
    const { engine } = this;
    const running = this.#sinks.get(name) as RunningSink;
    const component = engine.supervisor.add(`sink/${name}`, "sink");
    if (running.instance.definition.keepsHistory) engine.histories.expect(name, component);
    const start = sinkStart(engine, { ...running, title, pageUrl: () => this.#pageUrl() });
    return engine.supervisor.run(component, start);
  }

  #pageUrl(): string | undefined {
    // In the order of monitors.yaml; before the first start is done there is no configuration yet.
    for (const { definition, config } of this.#config?.sinks.values() ?? []) {
      const url = definition.pageUrl(config);
      if (url !== undefined) return url;
    }
    return undefined;
  }

  async #stopSink(name: string, deadline: AbortSignal): Promise<void> {
    const { supervisor } = this.engine;
    await supervisor.stop(`sink/${name}`, deadline);
    supervisor.remove(`sink/${name}`);
    this.engine.directory.files.release(`sinks.${name}`);
    this.engine.histories.forget(name);
    this.#sinks.get(name)?.metrics.remove();
    this.#sinks.delete(name);
  }

  /** Retires the subjects of sources that the file no longer has, and forgets cursors and states of what it no longer has. */
  async #forgetUndeclared(config: Config): Promise<void> {
    const { journal, intake } = this.engine;
    const declared = config.declared;
    const gone = new Set<string>();
    for (const { origin, source } of journal.subjects())
      if (origin === journal.origin && source !== OWN_SOURCE && !declared.sources.has(source))
        gone.add(source);
    for (const source of gone) intake.retireAll(ownSource(source, journal.origin));
    const sinks = journal
      .cursors()
      .map(({ sink }) => sink)
      .filter((sink) => !declared.sinks.has(sink));
    const owners = [...sinks.map((sink) => `sink/${sink}`), ...[...gone].map((source) => `source/${source}`)];
    if (owners.length > 0) await journal.forget(owners);
  }

  async #stop(): Promise<void> {
    const { engine } = this;
    const deadline = this.#deadline(this.config.shutdownTimeout);
    await this.#each([...this.#sources.keys()], (name) => this.#stopSource(name, deadline.signal));
    engine.own.silence();
    await engine.intake.drain(deadline.signal).catch(() => {});
    await this.#each([...this.#sinks.keys()], (name) => this.#stopSink(name, deadline.signal));
    await engine.close(deadline.signal);
    deadline.cancel();
  }

  async #each(names: readonly string[], act: (name: string) => Promise<void>): Promise<void> {
    await Promise.all(names.map(act));
  }

  #deadline(ms: number): { readonly signal: AbortSignal; cancel(): void } {
    const controller = new AbortController();
    const cancel = this.engine.clock.setTimeout(
      () => controller.abort(new DOMException("the shutdown timeout has passed", "TimeoutError")),
      ms,
    );
    return { signal: controller.signal, cancel };
  }
}

/** What runs after a change: the new configuration, with the old instances where the new ones did not start. */
function withOld(config: Config, before: Config, rolledBack: readonly RolledBack[]): Config {
  const sources = new Map(config.sources);
  const sinks = new Map(config.sinks);
  for (const { kind, name } of rolledBack) {
    if (kind === "source") sources.set(name, before.sources.get(name) as SourceInstance);
    else sinks.set(name, before.sinks.get(name) as SinkInstance);
  }
  return { ...config, sources, sinks };
}

/** A source that no longer runs, as far as intake needs to know it. */
function ownSource(name: string, origin: string): IntakeSource {
  return { name, origin, labels: {}, events: new Map(), signal: new AbortController().signal };
}
