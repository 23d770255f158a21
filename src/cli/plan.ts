import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { parse } from "yaml";
import type { z } from "zod";
import type { Config, SinkInstance, SourceInstance } from "../core/config/model.ts";
import { childSchemas, fieldKindOf, leavesOf, type Schema } from "../core/config/schema-walk.ts";
import { redactText } from "../core/log.ts";
import { upcoming } from "../core/monitors/schedule.ts";
import { systemClock } from "../core/system-clock.ts";
import type { Schedule } from "../plugin/index.ts";
import { maintenancePlan } from "./maintenance-plan.ts";
import { type Paint, paintFor, printable } from "./terminal.ts";

type Options = { readonly [key: string]: unknown };

/** How many next runs are shown. */
const NEXT_RUNS = 3;

/**
 * What `run` would start, for people: places, sources, sinks, and the options of each with their defaults. What came by reference is shown
 * as the reference.
 */
export async function printPlan(config: Config, paint: Paint = paintFor(process.stdout)): Promise<string> {
  const written = new Map<string, Options>();
  const head = [
    `configuration  ${config.file}`,
    `role           ${config.role}`,
    `data           ${redactText(config.dataDirectory, config.secrets)}`,
    `journal        ${config.journal.memory ? "in memory" : `on disk, sync ${config.journal.sync}`}`,
  ];
  const sources = [...config.sources.values()].flatMap((source) => [
    "",
    title("source", source, paint),
    ...coreLines(optionsOf(source, "sources", written), ["labels", "group", "public"]),
    ...optionLines(source, optionsOf(source, "sources", written), config.secrets),
    ...nextRuns(source),
  ]);
  const sinks = [...config.sinks.values()].flatMap((sink) => [
    "",
    title("sink", sink, paint),
    `  delivery: ${sink.mode}`,
    ...coreLines(optionsOf(sink, "sinks", written), ["from", "batch", "retry", "timeout"]),
    ...optionLines(sink, optionsOf(sink, "sinks", written), config.secrets),
  ]);
  const maintenance = config.maintenance.flatMap((window) => maintenancePlan(window, config.secrets, paint));
  const left = leftOut(config);
  return `${[...head, ...sources, ...sinks, ...maintenance, ...(left.length > 0 ? ["", `not in this role, or not enabled: ${left.join(", ")}`] : [])].join("\n")}\n`;
}

function title(kind: string, { name, type, position }: SourceInstance | SinkInstance, paint: Paint): string {
  const place = `${relative(process.cwd(), position.file) || position.file}:${position.line}`;
  return `${paint("bold", `${kind} ${name}`)}${name === type ? "" : ` (${type})`} ${paint("dim", place)}`;
}

/** The options as they stand in the file, references included. */
function optionsOf(
  { name, position }: SourceInstance | SinkInstance,
  section: string,
  written: Map<string, Options>,
): Options {
  let file = written.get(position.file);
  if (!file) {
    file = asOptions(parse(readFileSync(position.file, "utf8"), { merge: true }));
    written.set(position.file, file);
  }
  return asOptions(asOptions(file[section])[name]);
}

function asOptions(value: unknown): Options {
  return value !== null && typeof value === "object" && !Array.isArray(value) ? (value as Options) : {};
}

/** What stands in the file as it stands there, and what does not as the default that holds. */
function optionLines(
  { config, definition }: SourceInstance | SinkInstance,
  written: Options,
  secrets: ReadonlySet<string>,
): string[] {
  return Object.entries(asOptions(config))
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => {
      const own = written[key];
      if (own !== undefined) return `  ${key}: ${optionText(own)}`;
      const preset = childSchemas(definition.config, key)
        .map(presetOf)
        .find((found) => found !== undefined);
      return `  ${key}: ${redactText(optionText(preset ?? value), secrets)} (default)`;
    });
}

/** The default as its author wrote it: `2s`, where the value is 2000. */
function presetOf(schema: Schema): unknown {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  return def.type === "prefault" || def.type === "default" ? def.defaultValue : undefined;
}

function optionText(value: unknown): string {
  return printable(typeof value === "string" ? value : JSON.stringify(value));
}

/** Keys of core that the file has, as they stand there: `from.types: ["promise.*"]`. */
function coreLines(written: Options, keys: readonly string[]): string[] {
  return keys
    .filter((key) => written[key] !== undefined && written[key] !== null)
    .flatMap((key) => {
      const inner = Object.entries(asOptions(written[key]));
      return inner.length > 0
        ? inner.map(([name, value]) => `  ${key}.${name}: ${optionText(value)}`)
        : [`  ${key}: ${optionText(written[key])}`];
    });
}

/** The next times of a source whose options have a schedule: a cron field, or `interval`. */
function nextRuns({ config, definition }: SourceInstance): string[] {
  const options = asOptions(config);
  const schedule = Object.entries(options)
    .map(([key, value]): Schedule | undefined => {
      const kinds = childSchemas(definition.config, key).flatMap(leavesOf).map(fieldKindOf);
      if (typeof value === "string" && kinds.some((kind) => kind?.field === "cron"))
        return { cron: value, timezone: typeof options.timezone === "string" ? options.timezone : undefined };
      if (typeof value === "number" && key === "interval" && kinds.some((kind) => kind?.field === "duration"))
        return { every: value };
      return undefined;
    })
    .find((found) => found !== undefined);
  if (!schedule) return [];
  const times = upcoming(schedule, NEXT_RUNS, systemClock).map((time) =>
    time.toISOString().replace(/\.\d+Z$/, "Z"),
  );
  return [`  next runs: ${times.join(", ")}`];
}

function leftOut({ declared, sources, sinks }: Config): string[] {
  return [
    ...[...declared.sources].filter((name) => !sources.has(name)).map((name) => `source ${name}`),
    ...[...declared.sinks].filter((name) => !sinks.has(name)).map((name) => `sink ${name}`),
  ];
}
