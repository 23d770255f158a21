import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Config, SourceInstance } from "../core/config/model.ts";
import { createLogger, type LogLevel } from "../core/log.ts";
import type { RunReport } from "../core/monitors/registered-monitor.ts";
import { Pipeline } from "../core/pipeline.ts";
import { systemClock } from "../core/system-clock.ts";
import { kindOf, LifeguardError } from "../plugin/index.ts";
import { configLoader } from "./load.ts";
import { meantSubject } from "./meant-subject.ts";
import type { PlaceOptions } from "./options.ts";
import { printRefusal } from "./print-refusal.ts";

/** How long a source may take to register what it watches, in milliseconds. */
const REGISTER_MS = 15_000;
/** A source that is up and has registered nothing new for so long has registered everything. */
const SETTLED_MS = 1000;
const LOOK_MS = 20;

/** What running a monitor alone needs to know. */
export interface AloneOptions extends PlaceOptions {
  readonly source?: string | undefined;
  readonly role?: string | undefined;
  readonly logLevel?: LogLevel | undefined;
}

/**
 * Runs one monitor once without a daemon: its source alone, nothing scheduled, no sinks, and a journal in memory.
 * @throws LifeguardError `CONFIG`, `MONITOR_UNKNOWN`
 */
export async function checkAlone(subject: string, options: AloneOptions): Promise<RunReport> {
  const loaded = await configLoader(options)();
  if (!loaded.ok)
    throw new LifeguardError("CONFIG", `the configuration is not valid:\n${printRefusal(loaded, false)}`);
  const known: string[] = [];
  for (const source of candidates(loaded.config, subject, options.source)) {
    const report = await runIn(loaded.config, source, subject, options, known);
    if (report) return report;
  }
  throw new LifeguardError(
    "MONITOR_UNKNOWN",
    `no source of ${loaded.config.file} watches ${subject}${meantSubject(subject, known)}`,
  );
}

/** Sources that may watch the subject: the one that was named, else those whose events have the subject's kind. No other one may be woken for it. */
function candidates(
  { sources, file }: Config,
  subject: string,
  name: string | undefined,
): readonly SourceInstance[] {
  if (name !== undefined) {
    const named = sources.get(name);
    if (named) return [named];
    throw new LifeguardError(
      "SOURCE_UNKNOWN",
      `${file} has no source ${name}; there are ${[...sources.keys()].join(", ") || "none"}`,
    );
  }
  const prefix = `${kindOf(subject)}.`;
  return [...sources.values()].filter(({ definition }) =>
    [...definition.events.keys()].some((type) => type.startsWith(prefix)),
  );
}

async function runIn(
  config: Config,
  source: SourceInstance,
  subject: string,
  { logLevel }: AloneOptions,
  known: string[],
): Promise<RunReport | undefined> {
  const dataDirectory = mkdtempSync(join(tmpdir(), "lifeguard-check-"));
  const log = await createLogger({ level: logLevel === "debug" ? "debug" : "warn", secrets: config.secrets });
  const pipeline = await Pipeline.start({
    config: {
      ...config,
      dataDirectory,
      journal: { ...config.journal, memory: true },
      sources: new Map([[source.name, source]]),
      sinks: new Map(),
    },
    clock: systemClock,
    log,
    idle: true,
  });
  try {
    if (!(await registered(pipeline, source.name, subject))) {
      known.push(...pipeline.engine.monitors.list().map((monitor) => monitor.subject));
      return undefined;
    }
    return (await pipeline.engine.commands.send(subject, "run", {
      source: source.name,
    })) as unknown as RunReport;
  } finally {
    await pipeline.stop();
    rmSync(dataDirectory, { recursive: true, force: true });
  }
}

/** Waits until the source answers for the subject. @returns false when it has registered everything else */
async function registered({ engine }: Pipeline, source: string, subject: string): Promise<boolean> {
  const began = systemClock.monotonic();
  let count = -1;
  let since = began;
  for (;;) {
    if (engine.commands.sources(subject, "run").includes(source)) return true;
    const now = systemClock.monotonic();
    const { registered: current } = engine.monitors.stats();
    if (current !== count) [count, since] = [current, now];
    const state = engine.supervisor.components().find(({ id }) => id === `source/${source}`);
    if (state?.state === "permanent" || state?.state === "recoverable")
      throw new LifeguardError("SOURCE_DOWN", `source ${source} does not start: ${state.message}`);
    if (now - began > REGISTER_MS || (state?.state !== "starting" && now - since > SETTLED_MS)) return false;
    await pause(LOOK_MS);
  }
}
