import { subscription } from "../core/config/core-settings.ts";
import type { Config, MaintenanceWindow, SinkInstance, SourceInstance } from "../core/config/model.ts";
import { withFieldContext } from "../plugin/field-context.ts";
import type { Filter, SinkDefinition, SourceDefinition } from "../plugin/index.ts";

/** A plugin and its options, as they would stand in monitors.yaml. */
export interface Instance<Definition> {
  readonly definition: Definition;
  readonly config?: unknown;
}

/** Sources and sinks by instance name. */
export interface Plugins {
  readonly sources?: Readonly<Record<string, Instance<SourceDefinition>>>;
  readonly sinks?: Readonly<Record<string, Instance<SinkDefinition> & { readonly from?: Filter }>>;
  readonly maintenance?: readonly MaintenanceWindow[];
}

/** Where a configuration of a test lives. */
export interface Place {
  readonly dataDirectory: string;
  /** Whether the journal is in memory. */
  readonly memory: boolean;
  readonly baseDirectory: string;
  /** Milliseconds. */
  readonly shutdownTimeout: number;
}

const POSITION = { file: "test", line: 1, column: 1 };

/** Builds what loading a monitors.yaml with these plugins would give, with short waits. Equal plugins and options have equal hashes. */
export function testConfig({ sources = {}, sinks = {}, maintenance = [] }: Plugins, place: Place): Config {
  const { dataDirectory, memory, baseDirectory, shutdownTimeout } = place;
  const parse = ({ definition, config }: Instance<SourceDefinition | SinkDefinition>) =>
    withFieldContext({ baseDirectory }, () => definition.config.parse(config ?? {}));
  const sourceInstances = new Map(
    Object.entries(sources).map(([name, instance]): [string, SourceInstance] => [
      name,
      {
        name,
        type: instance.definition.name,
        definition: instance.definition,
        config: parse(instance),
        labels: {},
        group: undefined,
        public: undefined,
        hash: hashOf(instance),
        position: POSITION,
      },
    ]),
  );
  const sinkInstances = new Map(
    Object.entries(sinks).map(([name, instance]): [string, SinkInstance] => [
      name,
      {
        name,
        type: instance.definition.name,
        definition: instance.definition,
        config: parse(instance),
        from: subscription(instance.from, instance.definition),
        mode: instance.definition.delivery,
        delivery: {
          batch: { maxEvents: 1000, maxBytes: 2 ** 20, maxWait: 10 },
          retry: { initial: 20, max: 200, maxAttempts: Number.POSITIVE_INFINITY },
          timeout: 10_000,
        },
        hash: hashOf(instance),
        position: POSITION,
      },
    ]),
  );
  return {
    file: "test",
    title: undefined,
    dataDirectory,
    role: "standalone",
    journal: {
      memory,
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
    shutdownTimeout,
    sources: sourceInstances,
    sinks: sinkInstances,
    maintenance,
    declared: { sources: new Set(sourceInstances.keys()), sinks: new Set(sinkInstances.keys()) },
    watched: [],
    secrets: new Set(),
    hash: "test",
  };
}

const identities = new WeakMap<object, number>();
let identified = 0;

function hashOf({ definition, ...rest }: Instance<SourceDefinition | SinkDefinition>): string {
  let identity = identities.get(definition);
  if (identity === undefined) {
    identity = ++identified;
    identities.set(definition, identity);
  }
  return `${identity} ${JSON.stringify(rest)}`;
}
