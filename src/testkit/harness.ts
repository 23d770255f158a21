import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Config } from "../core/config/model.ts";
import { createLogger, type LogDestination } from "../core/log.ts";
import { type Applied, Pipeline } from "../core/pipeline.ts";
import { systemClock } from "../core/system-clock.ts";
import {
  type Board,
  type Clock,
  compileFilter,
  type Envelope,
  type EventDraft,
  type Filter,
} from "../plugin/index.ts";
import { ScriptedSource } from "./scripted-source.ts";
import { type Plugins, testConfig } from "./test-config.ts";

/** What a harness runs, and how. */
export interface HarnessOptions extends Plugins {
  /** Absent: the real time. */
  readonly clock?: Clock;
  /** Kept after `stop`, so that another harness can go on with it. Absent: a temporary one, with the journal in memory. */
  readonly dataDirectory?: string;
  /** What relative paths in the options are resolved against. Absent: the working directory. */
  readonly baseDirectory?: string;
  /** Milliseconds. Absent: 10 s. */
  readonly shutdownTimeout?: number;
  /** Where log lines go. Absent: nowhere. */
  readonly log?: LogDestination;
}

interface HarnessParts {
  readonly pipeline: Pipeline;
  readonly script: ScriptedSource;
  readonly configure: (plugins: Plugins) => Config;
  readonly temporary: string | undefined;
  readonly started: number;
}

/**
 * A whole core around the plugins under test: real intake, journal, bus, board, delivery and monitors. Beside the given sources it has a
 * scripted one, through which a test emits what it likes.
 */
export class Harness {
  readonly #pipeline: Pipeline;
  readonly #script: ScriptedSource;
  readonly #configure: (plugins: Plugins) => Config;
  readonly #envelopes: Envelope[] = [];
  readonly #temporary: string | undefined;

  private constructor({ pipeline, script, configure, temporary, started }: HarnessParts) {
    this.#pipeline = pipeline;
    this.#script = script;
    this.#configure = configure;
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
    const place = {
      dataDirectory: options.dataDirectory ?? (temporary as string),
      memory: temporary !== undefined,
      baseDirectory: options.baseDirectory ?? process.cwd(),
      shutdownTimeout: options.shutdownTimeout ?? 10_000,
    };
    const configure = ({ sources = {}, sinks = {}, maintenance = [] }: Plugins) =>
      testConfig(
        {
          sources: { ...sources, [ScriptedSource.NAME]: { definition: script.definition } },
          sinks,
          maintenance,
        },
        place,
      );
    const pipeline = await Pipeline.start({ config: configure(options), clock, log });
    return new Harness({ pipeline, script, configure, temporary, started });
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

  /** Changes over to other sources and sinks, as a reload does. The scripted source stays. */
  apply(plugins: Plugins): Promise<Applied> {
    return this.#pipeline.apply(this.#configure(plugins));
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
