import { existsSync, statSync } from "node:fs";
import { basename, extname, join } from "node:path";
import type {
  DefinitionKind,
  ModuleDefinition,
  SinkDefinition,
  SourceDefinition,
} from "../../plugin/index.ts";
import { didYouMean } from "../config/suggest.ts";
import type { BuiltinImport, BuiltinList } from "./builtin-list.ts";
import { checkDefinition } from "./definition-check.ts";
import { errorPosition } from "./error-position.ts";
import { ModuleGraph } from "./module-graph.ts";
import { loadVersion, nextGraphId } from "./module-hooks.ts";
import { PluginError } from "./plugin-error.ts";
import { type PluginReference, parsePluginReference } from "./plugin-reference.ts";
import type { ProvidedModules } from "./provided-modules.ts";

/** So many old versions of one plugin stay in memory before a restart is advised. */
const VERSIONS_BEFORE_WARNING = 50;

/** The definition that a kind has. */
export type DefinitionOf<Kind extends DefinitionKind> = Kind extends "source"
  ? SourceDefinition
  : Kind extends "sink"
    ? SinkDefinition
    : ModuleDefinition;

/** A plugin that was found, loaded and checked. */
export interface LoadedPlugin<Definition = SourceDefinition | SinkDefinition | ModuleDefinition> {
  readonly definition: Definition;
  /** Absolute paths: its own file and every neighbour that came with it. Empty for a built-in. */
  readonly files: readonly string[];
  /** Equal hashes mean equal contents of all its files. */
  readonly hash: string;
}

/** Finds, loads, checks and versions plugins: built-ins, files anywhere on disk, npm packages. */
export class PluginLoader {
  readonly #builtins: BuiltinList;
  readonly #provided: ProvidedModules;
  /** The newest version of each plugin that lies on disk. */
  readonly #loaded = new Map<string, { graph: ModuleGraph; exported: unknown }>();
  /** How often each of them was loaded, broken versions included: all of them stay in memory. */
  readonly #versions = new Map<string, { readonly name: string; count: number }>();

  /** @param options the built-in plugins; modules that plugins may import beside the usual ones */
  constructor(options: { builtins: BuiltinList; provided?: ProvidedModules | undefined }) {
    this.#builtins = options.builtins;
    this.#provided = options.provided ?? {};
  }

  /** Names of the built-in plugins of a kind, sorted. */
  names(kind: "source" | "sink"): readonly string[] {
    return Object.keys(this.#list(kind)).sort();
  }

  /** Whether a word after `type:` names a built-in. */
  isBuiltin(kind: DefinitionKind, reference: string): boolean {
    return Object.hasOwn(this.#list(kind), reference);
  }

  /** What an operator should know: plugins of which too many old versions are in memory. */
  warnings(): readonly string[] {
    return [...this.#versions.values()]
      .filter(({ count }) => count > VERSIONS_BEFORE_WARNING)
      .map(
        ({ name, count }) =>
          `${name} was reloaded ${count - 1} times, and its old versions stay in memory: restart lifeguard to free it`,
      );
  }

  /**
   * Loads a plugin, or gives the version that is loaded already while none of its files has changed.
   * @param reference a built-in's name, a path, or the name of a package
   * @param baseDirectory absolute folder of the file in which the reference stands
   * @throws PluginError
   */
  async load<Kind extends DefinitionKind>(
    kind: Kind,
    reference: string,
    baseDirectory: string,
  ): Promise<LoadedPlugin<DefinitionOf<Kind>>> {
    const list = this.#list(kind);
    const builtin = Object.hasOwn(list, reference) ? list[reference] : undefined;
    if (builtin) return loadBuiltin(kind, reference, builtin);
    const parsed = parsePluginReference(reference, baseDirectory);
    const { graph, exported } = this.#loadFiles(kind, reference, parsed, baseDirectory);
    const check = checkDefinition(exported, kind);
    const file = parsed.kind === "file" ? parsed.path : undefined;
    if (!check.definition)
      throw new PluginError("PLUGIN_CONTRACT", `${reference}: ${check.problem}`, {
        file,
        files: graph.files,
      });
    return {
      definition: check.definition as DefinitionOf<Kind>,
      files: graph.files,
      hash: graph.hash,
    };
  }

  #list(kind: DefinitionKind): Readonly<Record<string, BuiltinImport>> {
    return kind === "source" ? this.#builtins.sources : kind === "sink" ? this.#builtins.sinks : {};
  }

  #loadFiles(kind: DefinitionKind, reference: string, parsed: PluginReference, baseDirectory: string) {
    const key = parsed.kind === "file" ? parsed.path : `${baseDirectory}\0${reference}`;
    const known = this.#loaded.get(key);
    if (known?.graph.isCurrent()) return known;
    if (parsed.kind === "nonsense") throw this.#unknown(kind, reference, baseDirectory, []);
    if (parsed.kind === "file") checkFile(reference, parsed.path);
    const graph = new ModuleGraph(nextGraphId(), baseDirectory);
    const versions = this.#versions.get(key) ?? {
      name: parsed.kind === "file" ? parsed.path : reference,
      count: 0,
    };
    versions.count++;
    this.#versions.set(key, versions);
    try {
      const namespace = loadVersion(parsed, graph, this.#provided);
      const loaded = { graph, exported: namespace.default };
      graph.settle();
      this.#loaded.set(key, loaded);
      return loaded;
    } catch (error) {
      if (parsed.kind === "package" && graph.failed?.importer === undefined && graph.failed)
        throw this.#unknown(kind, reference, baseDirectory, graph.files, error);
      throw broken(reference, error, graph);
    }
  }

  #unknown(
    kind: DefinitionKind,
    reference: string,
    baseDirectory: string,
    files: readonly string[],
    cause?: unknown,
  ): PluginError {
    const names = Object.keys(this.#list(kind));
    const here = join(baseDirectory, reference);
    const asPath = extname(reference) !== "" && existsSync(here);
    const builtins = names.length > 0 ? `no built-in (${names.sort().join(", ")}) and ` : "";
    return new PluginError(
      "PLUGIN_UNKNOWN",
      `unknown ${kind} "${reference}": ${builtins}no package found from ${baseDirectory}`,
      { suggestion: asPath ? `./${reference}` : didYouMean(reference, names), files, cause },
    );
  }
}

async function loadBuiltin<Kind extends DefinitionKind>(
  kind: Kind,
  name: string,
  load: BuiltinImport,
): Promise<LoadedPlugin<DefinitionOf<Kind>>> {
  const module = await load().catch((error: unknown) => {
    const what = error instanceof Error ? error.message : String(error);
    throw new PluginError("PLUGIN_BROKEN", `the built-in ${name} cannot be loaded: ${what}`, {
      cause: error,
    });
  });
  const check = checkDefinition(module.default, kind);
  if (!check.definition) throw new PluginError("PLUGIN_CONTRACT", `the built-in ${name}: ${check.problem}`);
  return { definition: check.definition as DefinitionOf<Kind>, files: [], hash: `builtin:${name}` };
}

function checkFile(reference: string, path: string): void {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isFile()) return;
  const message = stats ? "is a folder, not a file" : "does not exist";
  throw new PluginError("PLUGIN_MISSING", `plugin file ${reference} ${message} (${path})`, { files: [path] });
}

/** Turns what was thrown while loading into words for whoever wrote the plugin. */
function broken(reference: string, error: unknown, graph: ModuleGraph): PluginError {
  const position = errorPosition(error, graph);
  const where = position ? ` at ${basename(position.file)}:${position.line}:${position.column}` : "";
  return new PluginError("PLUGIN_BROKEN", `${reference} cannot be loaded: ${reason(error, graph)}${where}`, {
    ...(position ?? { file: graph.files[0] }),
    files: graph.files,
    cause: error,
  });
}

function reason(error: unknown, graph: ModuleGraph): string {
  const { code } = error as { code?: string };
  if (code === "ERR_REQUIRE_ASYNC_MODULE") return "it waits (await) while it loads: do that in start instead";
  if (graph.failed) {
    const { specifier } = graph.failed;
    if (/^[./]/.test(specifier)) return `it imports "${specifier}", which does not exist${nearby(graph)}`;
    if (code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND")
      return `it imports "${specifier}", which is not installed beside it (lifeguard provides lifeguard/plugin, rxjs, rxjs/operators and zod)`;
  }
  if (!(error instanceof Error)) return `it throws ${String(error)}`;
  // The parser lists everything that could have stood there instead.
  if (error instanceof SyntaxError) return error.message.replace(/\. Expected [\s\S]*/, "");
  return `it throws ${error.name}: ${error.message}`;
}

/** A relative import needs its extension; says which file was probably meant. */
function nearby(graph: ModuleGraph): string {
  const missing = graph.files.find((file) => !existsSync(file));
  if (missing === undefined) return "";
  const stem = missing.slice(0, missing.length - extname(missing).length);
  const found = [".ts", ".js", ".mjs"].map((extension) => stem + extension).find((file) => existsSync(file));
  return found === undefined ? "" : ` (did you mean ${basename(found)}?)`;
}
