import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Config, SinkInstance, SourceInstance } from "../core/config/model.ts";
import { createLogger, type LogDestination } from "../core/log.ts";
import { Pipeline } from "../core/pipeline.ts";
import { systemClock } from "../core/system-clock.ts";
import { withFieldContext } from "../plugin/field-context.ts";
import {
  type Board,
  type Clock,
  compileFilter,
  type Envelope,
  type EventDraft,
  type Filter,
  type SinkDefinition,
  type SourceDefinition,
} from "../plugin/index.ts";
import { ScriptedSource } from "./scripted-source.ts";

/** A plugin and its options, as they would stand in monitors.yaml. */
export interface Instance<Definition> {
  readonly definition: Definition;
  readonly config?: unknown;
}

/** What a harness runs. */
export interface HarnessOptions {
  readonly sources?: Readonly<Record<string, Instance<SourceDefinition>>>;
  readonly sinks?: Readonly<Record<string, Instance<SinkDefinition> & { readonly from?: Filter }>>;
  /** Absent: the real time. */
  readonly clock?: Clock;
  /** Kept after `stop`, so that another harness can go on with it. Absent: a temporary one, with the journal in memory. */
  readonly dataDirectory?: string;
  /** What relative paths in the options are resolved against. Absent: the working directory. */
  readonly baseDirectory?: string;
  /** Where log lines go. Absent: nowhere. */
  readonly log?: LogDestination;
}

/**
 * A whole core around the plugins under test: real intake, journal, bus, board, delivery and monitors. Beside the given sources it has a
 * scripted one, through which a test emits what it likes.
 */
export class Harness {
  readonly #pipeline: Pipeline;
  readonly #script: ScriptedSource;
  readonly #envelopes: Envelope[] = [];
  readonly #temporary: string | undefined;

  private constructor(
    pipeline: Pipeline,
    script: ScriptedSource,
    temporary: string | undefined,
    started: number,
  ) {
    this.#pipeline = pipeline;
    this.#script = script;
    this.#temporary = temporary;
    pipeline.engine.bus.subscribe("harness", (envelope) => this.#envelopes.push(envelope));
    // What was emitted during the start; the ring also holds events from before it.
    const { recent } = pipeline.engine;
    const ofThisRun = ({ received }: Envelope) => Date.parse(received) >= started;
    this.#envelopes.push(...recent.newest(Number.MAX_SAFE_INTEGER, ofThisRun).toReversed());
  }

  /** Starts it. Resolves when every source and sink was started once. */
  static async start(options: HarnessOptions): Promise<Harness> {
    const temporary = options.dataDirectory ? undefined : mkdtempSync(join(tmpdir(), "lifeguard-harness-"));
    const log = await createLogger({
      format: "json",
      level: "debug",
      destination: options.log ?? { write: () => true },
    });
    const script = new ScriptedSource();
    const clock = options.clock ?? systemClock;
    const started = clock.now();
    const pipeline = await Pipeline.start({
      config: configOf(options, options.dataDirectory ?? (temporary as string), script),
      clock,
      log,
    });
    return new Harness(pipeline, script, temporary, started);
  }

  get board(): Board {
    return this.#pipeline.engine.board;
  }

  get pipeline(): Pipeline {
    return this.#pipeline;
  }

  /** Committed events since the start, oldest first. */
  events(filter: Filter = {}): readonly Envelope[] {
    return this.#envelopes.filter(compileFilter(filter));
  }

  /** Emits through the scripted source; resolves when the journal holds the events. Returns their envelopes. */
  async emit(...drafts: readonly EventDraft[]): Promise<readonly Envelope[]> {
    const before = this.#envelopes.length;
    await this.#script.accept(drafts);
    return this.#envelopes.slice(before).filter(({ event }) => event.source === ScriptedSource.NAME);
  }

  /** Sends the command `run` to a subject and waits for its result. */
  run(subject: string): Promise<unknown> {
    return this.#pipeline.engine.commands.send(subject, "run");
  }

  /** Stops everything. Idempotent. */
  async stop(): Promise<void> {
    await this.#pipeline.stop();
    if (this.#temporary) rmSync(this.#temporary, { recursive: true, force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

const POSITION = { file: "test", line: 1, column: 1 };

function configOf(options: HarnessOptions, dataDirectory: string, script: ScriptedSource): Config {
  const { sources = {}, sinks = {}, baseDirectory = process.cwd() } = options;
  const parse = (definition: SourceDefinition | SinkDefinition, config: unknown) =>
    withFieldContext({ baseDirectory }, () => definition.config.parse(config ?? {}));
  const sourceInstances = Object.entries({
    ...sources,
    [ScriptedSource.NAME]: { definition: script.definition },
  }).map(([name, { definition, ...rest }]): [string, SourceInstance] => [
    name,
    {
      name,
      type: definition.name,
      definition,
      config: parse(definition, "config" in rest ? rest.config : undefined),
      labels: {},
      group: undefined,
      hash: name,
      position: POSITION,
    },
  ]);
  const sinkInstances = Object.entries(sinks).map(
    ([name, { definition, config, from = {} }]): [string, SinkInstance] => [
      name,
      {
        name,
        type: definition.name,
        definition,
        config: parse(definition, config),
        from,
        mode: definition.delivery,
        delivery: {
          batch: { maxEvents: 1000, maxBytes: 2 ** 20, maxWait: 10 },
          retry: { initial: 20, max: 200, maxAttempts: Number.POSITIVE_INFINITY },
          timeout: 10_000,
        },
        hash: name,
        position: POSITION,
      },
    ],
  );
  return {
    file: "test",
    title: undefined,
    dataDirectory,
    role: "standalone",
    journal: {
      memory: options.dataDirectory === undefined,
      sync: "normal",
      maxAge: 7 * 86_400_000,
      maxBytes: 2 ** 30,
      maxUnreadBytes: 2 ** 30,
    },
    limits: {
      intakeQueue: 10_000,
      intakeBytes: 64 * 2 ** 20,
      subjects: 100_000,
      eventBytes: 256 * 2 ** 10,
      deadLetters: 10_000,
      recent: 10_000,
    },
    shutdownTimeout: 10_000,
    sources: new Map(sourceInstances),
    sinks: new Map(sinkInstances),
    declared: {
      sources: new Set(sourceInstances.map(([name]) => name)),
      sinks: new Set(sinkInstances.map(([name]) => name)),
    },
    watched: [],
    secrets: new Set(),
    hash: "test",
  };
}
