import { statSync } from "node:fs";
import {
  createRequire,
  findPackageJSON,
  type LoadFnOutput,
  type LoadHookSync,
  type ResolveFnOutput,
  type ResolveHookSync,
  registerHooks,
} from "node:module";
import { extname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { ModuleGraph } from "./module-graph.ts";
import type { PluginReference } from "./plugin-reference.ts";
import { isProvided, PROVIDED, type ProvidedModules, provide, providedSource } from "./provided-modules.ts";

/*
 * A plugin is loaded through a tiny module of our own scheme, which imports the plugin's file by a URL that carries the version:
 * `file:///etc/lifeguard/mine.ts?lifeguard=7`. Imports of such a module get the same version, so a changed neighbour is new as well, and
 * import.meta and stack traces still speak of the real file.
 */
const ENTRY = "lifeguard-entry:";
const PROVIDED_SCHEME = "lifeguard-provided:";
const VERSION = "lifeguard";
/** As a parent, such a module comes as a file in the working directory. */
const ENTRY_PARENT = /(?:^|\/)lifeguard-entry:(\d+)$/;

/** Formats that Node cannot tell from the file name, or would tell wrongly because of a package.json somewhere above. */
const FORMATS: Readonly<Record<string, string>> = {
  ".ts": "module-typescript",
  ".mts": "module-typescript",
  ".mjs": "module",
};

const require = createRequire(import.meta.url);
const graphs = new Map<number, { readonly graph: ModuleGraph; readonly reference: PluginReference }>();
/** CommonJS knows its modules by path alone, so these belong to the version that loaded them last. */
const commonjs = new Map<string, ModuleGraph>();
let registered = false;

/**
 * Loads a new version of a plugin, with its relative imports.
 * @param provided what its files get from lifeguard beside the usual modules
 * @param graph filled while it loads, also when it fails
 * @returns the namespace of its module
 * @throws whatever Node or the plugin throws
 */
export function loadVersion(
  reference: PluginReference,
  graph: ModuleGraph,
  provided: ProvidedModules,
): Readonly<Record<string, unknown>> {
  provide(provided);
  if (!registered) {
    provide(PROVIDED);
    registerHooks({ resolve, load });
    registered = true;
  }
  purgeCommonjs();
  graphs.set(graph.id, { graph, reference });
  return (require(`${ENTRY}${graph.id}`) as { plugin: Record<string, unknown> }).plugin;
}

/** A number that no module graph of this process has yet. */
export function nextGraphId(): number {
  return graphs.size + 1;
}

const resolve: ResolveHookSync = (specifier, context, nextResolve) => {
  if (specifier.startsWith(ENTRY)) return { url: specifier, format: "module", shortCircuit: true };
  const { parentURL } = context;
  if (parentURL === undefined) return nextResolve(specifier, context);
  const entry = ENTRY_PARENT.exec(parentURL)?.[1];
  if (entry !== undefined) return resolveEntry(Number(entry), context, nextResolve);
  const graph = graphOf(parentURL);
  if (!graph) return nextResolve(specifier, context);
  if (isProvided(specifier))
    return { url: `${PROVIDED_SCHEME}${specifier}`, format: "module", shortCircuit: true };
  try {
    if (context.conditions.includes("require"))
      return resolveCommonjs(specifier, context, nextResolve, graph);
    if (/^(?:\.{0,2}\/|file:)/.test(specifier))
      return resolveNeighbour(specifier, parentURL, graph, context, nextResolve);
    const resolved = nextResolve(specifier, context);
    return specifier.startsWith("#") ? { ...resolved, url: versioned(resolved.url, graph) } : resolved;
  } catch (error) {
    graph.failed ??= { specifier, importer: fileURLToPath(withoutVersion(parentURL)) };
    throw error;
  }
};

function resolveEntry(
  id: number,
  context: Parameters<ResolveHookSync>[1],
  nextResolve: Parameters<ResolveHookSync>[2],
): ResolveFnOutput {
  const { graph, reference } = graphs.get(id) as { graph: ModuleGraph; reference: PluginReference };
  if (reference.kind === "file")
    return { url: versioned(pathToFileURL(reference.path).href, graph), shortCircuit: true };
  if (reference.kind === "nonsense") throw new TypeError("not a reference");
  const parentURL = pathToFileURL(join(graph.baseDirectory, "monitors.yaml")).href;
  try {
    const resolved = nextResolve(reference.name, { ...context, parentURL });
    const description = resolved.url.startsWith("file:") ? findPackageJSON(resolved.url) : undefined;
    if (description !== undefined) graph.read(description);
    return { ...resolved, url: versioned(resolved.url, graph) };
  } catch (error) {
    graph.failed = { specifier: reference.name, importer: undefined };
    throw error;
  }
}

/** A relative import keeps the links it came by, as a mounted ConfigMap is made of links that move. */
function resolveNeighbour(
  specifier: string,
  parentURL: string,
  graph: ModuleGraph,
  context: Parameters<ResolveHookSync>[1],
  nextResolve: Parameters<ResolveHookSync>[2],
): ResolveFnOutput {
  const url = new URL(specifier, parentURL);
  const path = fileURLToPath(url);
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) {
    graph.missed(path);
    return nextResolve(specifier, context);
  }
  return { url: versioned(url.href, graph), shortCircuit: true };
}

function resolveCommonjs(
  specifier: string,
  context: Parameters<ResolveHookSync>[1],
  nextResolve: Parameters<ResolveHookSync>[2],
  graph: ModuleGraph,
): ResolveFnOutput {
  const resolved = nextResolve(specifier, context);
  if (/^\.{0,2}\//.test(specifier) && resolved.url.startsWith("file:"))
    adopt(fileURLToPath(resolved.url), graph);
  return resolved;
}

/** Node answers a CommonJS module's requires from its cache without asking the hooks, so what changed has to leave it beforehand. */
function purgeCommonjs(): void {
  for (const [path, graph] of commonjs) if (!graph.isCurrent()) delete require.cache[path];
}

/** Makes a CommonJS file part of a version; a copy that another version left in Node's cache goes. */
function adopt(path: string, graph: ModuleGraph): void {
  if (commonjs.get(path) === graph) return;
  commonjs.set(path, graph);
  graph.read(path);
  delete require.cache[path];
}

const load: LoadHookSync = (url, context, nextLoad) => {
  if (url.startsWith(ENTRY))
    return {
      format: "module",
      source: `import * as plugin from "plugin"; export { plugin };`,
      shortCircuit: true,
    };
  if (url.startsWith(PROVIDED_SCHEME))
    return {
      format: "module",
      source: providedSource(url.slice(PROVIDED_SCHEME.length)),
      shortCircuit: true,
    };
  const graph = url.includes(`?${VERSION}=`) ? graphOf(url) : undefined;
  return graph ? loadFile(url, graph, context, nextLoad) : nextLoad(url, context);
};

function loadFile(
  url: string,
  graph: ModuleGraph,
  context: Parameters<LoadHookSync>[1],
  nextLoad: Parameters<LoadHookSync>[2],
): LoadFnOutput {
  const path = fileURLToPath(withoutVersion(url));
  const source = graph.read(path);
  const format = FORMATS[extname(path)];
  if (source !== undefined && format !== undefined) return { format, source, shortCircuit: true };
  const loaded = nextLoad(url, context);
  if (loaded.format?.startsWith("commonjs")) adopt(path, graph);
  return loaded;
}

function versioned(url: string, graph: ModuleGraph): string {
  const result = new URL(url);
  if (result.protocol === "file:") result.searchParams.set(VERSION, String(graph.id));
  return result.href;
}

function withoutVersion(url: string): URL {
  const result = new URL(url);
  result.search = "";
  return result;
}

function graphOf(url: string): ModuleGraph | undefined {
  if (!url.startsWith("file:")) return undefined;
  if (!url.includes(`${VERSION}=`)) return commonjs.size > 0 ? commonjs.get(fileURLToPath(url)) : undefined;
  const id = new URL(url).searchParams.get(VERSION);
  return id === null ? undefined : graphs.get(Number(id))?.graph;
}
