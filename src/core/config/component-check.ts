import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { ModuleDefinition, SinkDefinition, SourceDefinition } from "../../plugin/index.ts";
import { RESERVED_KEYS } from "../plugins/definition-check.ts";
import type { LoadedPlugin, PluginLoader } from "../plugins/loader.ts";
import { PluginError } from "../plugins/plugin-error.ts";
import type { ConfigFiles } from "./config-files.ts";
import { type ConfigTree, type Entry, type MapTree, pick } from "./config-tree.ts";
import { contentHash } from "./content-hash.ts";
import { type SinkKeys, type SourceKeys, sinkKeys, sourceKeys } from "./core-schema.ts";
import { walkFields } from "./field-walk.ts";
import { reportIssues, withoutHidden } from "./issue-report.ts";
import type { Position } from "./model.ts";
import { type ModuleHost, resolveModules } from "./module-resolution.ts";
import { Problems } from "./problems.ts";
import type { Schema } from "./schema-walk.ts";
import { secretForms } from "./secret-forms.ts";
import type { Span } from "./source-text.ts";
import { checkValue } from "./value-check.ts";

/** A source or sink after validation. */
export interface CheckedComponent<Keys, Definition> {
  readonly name: string;
  readonly type: string;
  readonly keys: Keys;
  readonly definition: Definition;
  readonly config: unknown;
  readonly hash: string;
  readonly position: Position;
}

/** A source after validation. */
export type CheckedSource = CheckedComponent<SourceKeys, SourceDefinition>;
/** A sink after validation. */
export type CheckedSink = CheckedComponent<SinkKeys, SinkDefinition>;

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
const KEYS = { source: sourceKeys, sink: sinkKeys } as const;

/** Validates sources and sinks one by one: the keys that core owns, and the rest by the plugin's schema. */
export class ComponentChecker {
  readonly #loader: PluginLoader;
  readonly #files: ConfigFiles;
  readonly #problems: Problems;
  /** What need not be wrong, but mostly is. */
  readonly notices = new Problems();
  /** Values of secret fields. */
  readonly secrets = new Set<string>();
  /** Hashes of all plugins and modules, by reference. */
  readonly pluginHashes = new Map<string, string>();
  /** Absolute paths of all files of plugins and modules, also of those that do not load. */
  readonly pluginFiles = new Set<string>();
  /** References that no plugin answers to. */
  readonly unknown = new Set<string>();
  /** One attempt at each plugin, however many instances name it. */
  readonly #attempts = new Map<string, Promise<LoadedPlugin | PluginError>>();

  constructor(loader: PluginLoader, files: ConfigFiles, problems: Problems) {
    this.#loader = loader;
    this.#files = files;
    this.#problems = problems;
  }

  /** @returns undefined when something is wrong with it, which was reported then */
  source(name: string, entry: Entry): Promise<CheckedSource | undefined> {
    return this.#check("source", name, entry) as Promise<CheckedSource | undefined>;
  }

  /** @returns undefined when something is wrong with it, which was reported then */
  sink(name: string, entry: Entry): Promise<CheckedSink | undefined> {
    return this.#check("sink", name, entry) as Promise<CheckedSink | undefined>;
  }

  async #check(
    kind: "source" | "sink",
    name: string,
    { key, value }: Entry,
  ): Promise<CheckedComponent<SourceKeys | SinkKeys, SourceDefinition | SinkDefinition> | undefined> {
    const place = `${kind}s.${name}`;
    if (!NAME.test(name) || (kind === "source" && name === "lifeguard"))
      this.#problems.add("CFG021", key, nameProblem(kind, name));
    const tree = asMap(value);
    if (!tree) {
      if (!isFailed(value)) this.#problems.add("CFG010", value.span, `${place}: expected a map of options`);
      return undefined;
    }
    const reserved = RESERVED_KEYS[kind];
    const own = pick(tree, (word) => reserved.includes(word));
    const keys = this.#validate(KEYS[kind], own, place, key);
    const type = tree.entries.get("type")?.value;
    // What is wrong with the type itself was reported with the other keys of core.
    if (type && (type.kind !== "scalar" || typeof type.value !== "string" || type.failed)) return undefined;
    const reference = type ? String(type.value) : name;
    const plugin = await this.#load(kind, reference, type ?? tree, type?.span ?? key);
    if (!plugin) return undefined;
    const definition = plugin.definition as SourceDefinition | SinkDefinition;
    const options = pick(tree, (word) => !reserved.includes(word));
    const config = await this.#validateOptions(definition.config, options, place, key, reserved);
    if (!keys || !config) return undefined;
    return {
      name,
      type: reference,
      keys: keys.output as SourceKeys | SinkKeys,
      definition,
      config: config.output,
      hash: contentHash([reference, plugin.hash, keys.input, config.input, folderOf(tree)]),
      position: key.source.position(key.offset),
    };
  }

  /** Loads a plugin or module. What is wrong with it is told where the plugin says, else at the reference. */
  async #load(
    kind: string,
    reference: string,
    tree: ConfigTree,
    span: Span,
  ): Promise<LoadedPlugin | undefined> {
    const result = await this.#attempt(kind, reference, folderOf(tree));
    if (!(result instanceof PluginError)) return result;
    const { code, file, line, column, suggestion } = result;
    const message = withoutHidden(result.message, tree);
    const usedAt = tree.usedAt;
    if (file !== undefined && line !== undefined && code === "PLUGIN_BROKEN") {
      await this.#files.read(file);
      this.#problems.addAt("CFG017", { file, line, column: column ?? 1 }, 1, message, { usedAt: span });
    } else if (code === "PLUGIN_UNKNOWN") {
      this.unknown.add(reference);
      const hint = tree.kind === "map" ? `; its type: would say which plugin it is` : "";
      this.#problems.add("CFG016", span, `${message}${hint}`, { suggestion, usedAt });
    } else
      this.#problems.add(code === "PLUGIN_CONTRACT" ? "CFG018" : "CFG017", span, message, {
        suggestion,
        usedAt,
      });
    return undefined;
  }

  #attempt(kind: string, reference: string, folder: string): Promise<LoadedPlugin | PluginError> {
    const id = [kind, reference, folder].join("\0");
    let attempt = this.#attempts.get(id);
    if (!attempt) {
      attempt = this.#loader.load(kind, reference, folder).then(
        (plugin) => {
          for (const file of plugin.files) this.pluginFiles.add(file);
          this.pluginHashes.set(id, plugin.hash);
          return plugin as LoadedPlugin;
        },
        (error: unknown) => {
          if (!(error instanceof PluginError)) throw error;
          for (const file of error.files) this.pluginFiles.add(file);
          this.pluginHashes.set(id, error.message);
          return error;
        },
      );
      this.#attempts.set(id, attempt);
    }
    return attempt;
  }

  async #validateOptions(
    schema: Schema,
    options: MapTree,
    place: string,
    start: Span,
    otherKeys: readonly string[],
  ): Promise<{ output: unknown; input: unknown } | undefined> {
    const host: ModuleHost = {
      load: async (kind, reference) => {
        const loaded = await this.#load(kind, String(reference.value), reference, reference.span);
        return loaded && { definition: loaded.definition as ModuleDefinition, hash: loaded.hash };
      },
      check: (definition, keys, modulePlace, declared) =>
        this.#validateOptions(definition.config, keys, modulePlace, keys.span, declared),
    };
    const tree = (await resolveModules(schema, options, host, place)) as MapTree;
    return this.#validate(schema, tree, place, start, otherKeys);
  }

  #validate(
    schema: Schema,
    tree: MapTree,
    name: string,
    start: Span,
    otherKeys: readonly string[] = [],
  ): { output: unknown; input: unknown } | undefined {
    this.#collectSecrets(schema, tree, name);
    this.#lookForFiles(schema, tree, name);
    try {
      const check = checkValue(schema, tree, folderOf(tree));
      if (check.ok) return check;
      reportIssues(check.issues, { name, tree, schema, start, otherKeys }, this.#problems);
    } catch (error) {
      const reason = error instanceof Error ? error.name : "something";
      this.#problems.add(
        "CFG018",
        start,
        `${name}: the plugin's schema throws ${reason} instead of validating`,
      );
    }
    return undefined;
  }

  #lookForFiles(schema: Schema, tree: MapTree, name: string): void {
    walkFields(schema, tree, (kind, { span, value, failed, usedAt }) => {
      if (kind.field !== "path" || !kind.exists || failed || typeof value !== "string") return;
      const path = resolve(folderOf(tree), value);
      if (!path.includes("*") && !existsSync(path))
        this.notices.add("CFG027", span, `${name}: there is no ${path}`, { usedAt });
    });
  }

  #collectSecrets(schema: Schema, tree: MapTree, name: string): void {
    walkFields(schema, tree, (kind, scalar) => {
      if (kind.field !== "secret" || scalar.failed) return;
      for (const hidden of scalar.reference?.hidden ?? [])
        for (const form of secretForms(hidden)) this.secrets.add(form);
      if (!scalar.reference && !kind.harmless?.(String(scalar.value)))
        this.#problems.add(
          "CFG009",
          scalar.span,
          `${name}: a secret cannot stand in plain text: write "\${env:NAME}" or "\${file:path}"`,
          { usedAt: scalar.usedAt },
        );
    });
  }
}

function nameProblem(kind: string, name: string): string {
  if (name === "lifeguard")
    return 'no source can be named "lifeguard": that is what lifeguard\'s own events say';
  return `"${name}" cannot name a ${kind}: use letters, digits, dot, dash and underscore, at most 63, beginning with a letter or digit`;
}

/** An instance without options may be empty: `web:`. */
function asMap(tree: ConfigTree): MapTree | undefined {
  if (tree.kind === "map") return tree;
  if (tree.kind === "scalar" && tree.value === null && !tree.failed)
    return { ...tree, kind: "map", entries: new Map() };
  return undefined;
}

function isFailed(tree: ConfigTree): boolean {
  return tree.kind === "scalar" && tree.failed === true;
}

function folderOf(tree: ConfigTree): string {
  return dirname(tree.span.source.path);
}
