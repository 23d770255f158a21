import type { Config } from "./model.ts";

/** What becomes of the instances of one kind. One that changed is in both `stop` and `start`. */
export interface InstancesDiff {
  readonly stop: readonly string[];
  readonly start: readonly string[];
  readonly keep: readonly string[];
}

/** What a reload has to do. */
export interface ConfigDiff {
  readonly sources: InstancesDiff;
  readonly sinks: InstancesDiff;
  /** Keys of monitors.yaml that are not as they were at the start, and take effect only when the process is started again. */
  readonly restart: readonly string[];
}

/**
 * Compares a running configuration with its successor.
 * @param before undefined for a start, which is a reload from nothing
 * @param opened what journal and data directory were opened with, where that is not `before`
 */
export function diffConfig(
  before: Config | undefined,
  after: Config,
  opened: Config | undefined = before,
): ConfigDiff {
  return {
    sources: diffInstances(before?.sources, after.sources),
    sinks: diffInstances(before?.sinks, after.sinks),
    restart: opened ? changedCore(opened, after) : [],
  };
}

type Instances = ReadonlyMap<string, { readonly hash: string }>;

function diffInstances(before: Instances = new Map(), after: Instances): InstancesDiff {
  const same = (name: string) => before.get(name)?.hash === after.get(name)?.hash;
  return {
    stop: [...before.keys()].filter((name) => !same(name)),
    start: [...after.keys()].filter((name) => !same(name)),
    keep: [...after.keys()].filter(same),
  };
}

function changedCore(before: Config, after: Config): string[] {
  const parts: ReadonlyArray<readonly [key: string, value: (config: Config) => unknown]> = [
    ["data", (config) => config.dataDirectory],
    ["journal", (config) => JSON.stringify(config.journal)],
    ["limits", (config) => JSON.stringify(config.limits)],
  ];
  return parts.filter(([, value]) => value(before) !== value(after)).map(([key]) => key);
}
