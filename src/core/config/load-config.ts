import { dirname, resolve } from "node:path";
import type { PluginLoader } from "../plugins/loader.ts";
import { type CheckedSink, type CheckedSource, ComponentChecker } from "./component-check.ts";
import { ConfigFiles } from "./config-files.ts";
import { type ConfigTree, type Entry, type MapTree, toValue } from "./config-tree.ts";
import { contentHash } from "./content-hash.ts";
import { type CoreSettings, coreSchema } from "./core-schema.ts";
import {
  deliveryOptions,
  journalOptions,
  limitsOf,
  maintenanceWindows,
  subscription,
} from "./core-settings.ts";
import { ConfigReader } from "./include.ts";
import { reportIssues } from "./issue-report.ts";
import type { Config, LoadResult, Position, SinkInstance, SourceInstance } from "./model.ts";
import { Problems } from "./problems.ts";
import { ReferenceResolver } from "./reference-resolver.ts";
import { checkRoles, DEFAULT_ROLE, findRole, type Role, TRANSPORTS } from "./roles.ts";
import { didYouMean } from "./suggest.ts";
import { checkValue } from "./value-check.ts";

/** What loading a configuration needs. */
export interface LoadOptions {
  /** Path of monitors.yaml, relative to the working directory or absolute. */
  readonly file: string;
  /** Absent: `standalone`. */
  readonly role?: string | undefined;
  /** Wins over what the file says; relative to the working directory or absolute. */
  readonly dataDirectory?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly loader: PluginLoader;
}

/**
 * Loads a configuration: reads, includes, interpolates, validates, chooses by role.
 * @returns the whole of it, or everything that is wrong with it. Never rejects for what a file or a plugin holds.
 */
export async function loadConfig(options: LoadOptions): Promise<LoadResult> {
  const file = resolve(options.file);
  const files = new ConfigFiles(options.env);
  const problems = new Problems();
  const resolver = new ReferenceResolver(files, problems);
  const reader = new ConfigReader(files, resolver, problems);
  const checker = new ComponentChecker(options.loader, files, problems);

  const root = settingsOf(await reader.read(file));
  if (problems.none && root.entries.size === 0)
    problems.add("CFG011", root.span, "the configuration is empty: write sources: and sinks:");
  const settings = checkSettings(root, file, problems);
  const sources = await checkEach(root, "sources", (name, entry) => checker.source(name, entry));
  const sinks = await checkEach(root, "sinks", (name, entry) => checker.sink(name, entry));
  const declared = { sources: names(root, "sources"), sinks: names(root, "sinks") };
  const brings = (plugin: string) =>
    TRANSPORTS.includes(plugin) ||
    !(options.loader.isBuiltin("source", plugin) || checker.unknown.has(plugin));
  checkReferences(root, declared, brings, problems);
  const roleName = options.role ?? DEFAULT_ROLE;
  const role =
    settings && findRole(roleName, settings.roles, root.entries.get("roles")?.key ?? root.span, problems);

  const watched = [...new Set([...files.paths, ...reader.folders, ...checker.pluginFiles])];
  const hash = contentHash([
    files.contents(),
    [...checker.pluginHashes].sort(),
    roleName,
    options.dataDirectory ?? null,
  ]);
  const { texts } = files;
  const notices = () => checker.notices.list(file);
  if (!problems.none || !settings || !role)
    return { ok: false, problems: problems.list(file), watched, hash, notices: notices(), texts };
  const config: Config = {
    file,
    title: settings.title,
    dataDirectory: options.dataDirectory === undefined ? settings.data : resolve(options.dataDirectory),
    role: roleName,
    journal: journalOptions(settings.journal, role.memory),
    limits: limitsOf(settings.limits),
    shutdownTimeout: settings.shutdown_timeout,
    sources: chosenSources(sources, role),
    sinks: chosenSinks(sinks, role, settings.title),
    maintenance: maintenanceWindows(settings.maintenance, placesOf(root.entries.get("maintenance")?.value)),
    declared,
    watched,
    secrets: new Set([...resolver.secrets, ...checker.secrets]),
    hash,
  };
  noteIdle(config, root, checker.notices);
  return { ok: true, config, notices: notices(), texts };
}

/** `sources:` with nothing after it is as good as no such line, and `x-…` is a place for anchors. */
function settingsOf(root: MapTree): MapTree {
  const matters = (name: string, { value }: Entry) =>
    !name.startsWith("x-") &&
    !(
      ["sources", "sinks", "roles", "maintenance"].includes(name) &&
      value.kind === "scalar" &&
      value.value === null &&
      !value.failed
    );
  return { ...root, entries: new Map([...root.entries].filter(([name, entry]) => matters(name, entry))) };
}

/** Where each item of a list stands. */
function placesOf(list: ConfigTree | undefined): readonly Position[] {
  return list?.kind === "list" ? list.items.map(({ span }) => span.source.position(span.offset)) : [];
}

/** Whoever runs a role that does nothing has mostly mistaken its name. */
function noteIdle({ role, sources, sinks, declared }: Config, root: MapTree, notices: Problems): void {
  const key = (name: string) => root.entries.get(name)?.key ?? root.span;
  if (declared.sources.size + declared.sinks.size === 0)
    notices.add("CFG028", root.span, "there is neither a source nor a sink: nothing is done");
  if (declared.sources.size > 0 && sources.size === 0)
    notices.add("CFG028", key("sources"), `the role ${role} runs none of the sources: nothing is watched`);
  if (declared.sinks.size > 0 && sinks.size === 0)
    notices.add("CFG028", key("sinks"), `the role ${role} runs none of the sinks: nobody is told anything`);
}

function checkSettings(root: MapTree, file: string, problems: Problems): CoreSettings | undefined {
  const data = root.entries.get("data")?.value.span.source.path ?? file;
  const check = checkValue(coreSchema, root, dirname(data));
  if (check.ok) return check.output as CoreSettings;
  reportIssues(check.issues, { name: "", tree: root, schema: coreSchema, start: root.span }, problems);
  return undefined;
}

function section(root: MapTree, name: "sources" | "sinks" | "roles"): MapTree | undefined {
  const tree = root.entries.get(name)?.value;
  return tree?.kind === "map" ? tree : undefined;
}

function names(root: MapTree, name: "sources" | "sinks"): ReadonlySet<string> {
  return new Set(section(root, name)?.entries.keys());
}

async function checkEach<Checked>(
  root: MapTree,
  name: "sources" | "sinks",
  check: (name: string, entry: Entry) => Promise<Checked | undefined>,
): Promise<readonly Checked[]> {
  const checked: Checked[] = [];
  for (const [instance, entry] of section(root, name)?.entries ?? []) {
    const result = await check(instance, entry);
    if (result) checked.push(result);
  }
  return checked;
}

/** Reports names in roles and subscriptions that the file does not have. */
function checkReferences(
  root: MapTree,
  declared: Config["declared"],
  bringsForeignEvents: (plugin: string) => boolean,
  problems: Problems,
): void {
  const roles = section(root, "roles");
  if (roles) checkRoles(roles, declared, problems);
  if (takesForeignEvents(root, bringsForeignEvents)) return;
  for (const [sink, { value }] of section(root, "sinks")?.entries ?? []) {
    const from = value.kind === "map" ? value.entries.get("from")?.value : undefined;
    const wanted = from?.kind === "map" ? from.entries.get("sources")?.value : undefined;
    for (const item of wanted?.kind === "list" ? wanted.items : wanted ? [wanted] : []) {
      const name = toValue(item);
      if (
        typeof name !== "string" ||
        name.includes("*") ||
        name === "lifeguard" ||
        declared.sources.has(name)
      )
        continue;
      const shown = item.kind === "scalar" && item.reference ? "" : ` "${name}"`;
      problems.add("CFG020", item.span, `unknown source${shown} in sinks.${sink}.from.sources`, {
        suggestion: shown === "" ? undefined : didYouMean(name, declared.sources),
        usedAt: item.usedAt,
      });
    }
  }
}

/** Events that come from another lifeguard carry the names of its sources, which this file cannot know. */
function takesForeignEvents(root: MapTree, brings: (plugin: string) => boolean): boolean {
  return [...(section(root, "sources")?.entries ?? [])].some(([name, { value }]) => {
    const type = value.kind === "map" ? value.entries.get("type")?.value : undefined;
    const plugin = type ? toValue(type) : name;
    return typeof plugin !== "string" || brings(plugin);
  });
}

function chosenSources(sources: readonly CheckedSource[], role: Role): ReadonlyMap<string, SourceInstance> {
  const chosen = sources.filter((source) => source.keys.enabled && role.source(source));
  return new Map(
    chosen.map(({ name, type, keys, definition, config, hash, position }) => [
      name,
      {
        name,
        type,
        definition,
        config,
        labels: keys.labels,
        group: keys.group,
        public: keys.public,
        hash,
        position,
      },
    ]),
  );
}

/** A sink is told the title when it starts, so a new title is a new sink. */
function chosenSinks(
  sinks: readonly CheckedSink[],
  role: Role,
  title: string | undefined,
): ReadonlyMap<string, SinkInstance> {
  const chosen = sinks.filter((sink) => sink.keys.enabled && role.sink(sink));
  return new Map(
    chosen.map(({ name, type, keys, definition, config, hash, position }) => [
      name,
      {
        name,
        type,
        definition,
        config,
        from: subscription(keys.from, definition),
        mode: keys.delivery ?? definition.delivery,
        delivery: deliveryOptions(keys, definition.batch),
        hash: contentHash([hash, title ?? null]),
        position,
      },
    ]),
  );
}
