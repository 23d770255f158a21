import type { z } from "zod";
import type { LoadedModule, ModuleDefinition } from "../../plugin/index.ts";
import { type ConfigTree, type Entry, type MapTree, pick, type ScalarTree } from "./config-tree.ts";
import { fittingSides } from "./field-walk.ts";
import { childSchemas, fieldKindOf, leavesOf, objectKeys, type Schema } from "./schema-walk.ts";
import { ResolvedModule } from "./strict-schema.ts";

/** What resolving needs from its caller, who reports and remembers. */
export interface ModuleHost {
  /** Loads a module; undefined when it cannot be used, which was reported then. */
  load(
    kind: string,
    reference: ScalarTree,
    place: string,
  ): Promise<{ definition: ModuleDefinition; hash: string } | undefined>;
  /** Validates the keys beside the reference by the module's own schema; undefined when they are wrong, which was reported then. */
  check(
    definition: ModuleDefinition,
    keys: MapTree,
    place: string,
    otherKeys: readonly string[],
  ): Promise<{ output: unknown } | undefined>;
}

const cache = new WeakMap<Schema, boolean>();

/** Whether a schema has a module reference anywhere. */
function hasModules(schema: Schema): boolean {
  let answer = cache.get(schema);
  if (answer === undefined) {
    answer = findModule(schema, new Set());
    cache.set(schema, answer);
  }
  return answer;
}

function findModule(schema: Schema, seen: Set<Schema>): boolean {
  if (seen.has(schema)) return false;
  seen.add(schema);
  return leavesOf(schema).some(
    (leaf) =>
      fieldKindOf(leaf)?.field === "module" || childrenOf(leaf).some((child) => findModule(child, seen)),
  );
}

function childrenOf(leaf: Schema): readonly Schema[] {
  const { def } = (leaf as z.core.$ZodTypes)._zod;
  if (def.type === "object") return [...Object.values(def.shape), ...(def.catchall ? [def.catchall] : [])];
  return def.type === "tuple" ? [...def.items, ...(def.rest ? [def.rest] : [])] : childSchemas(leaf, 0);
}

/**
 * Loads the modules that a tree refers to. In what it returns, a reference is replaced by the loaded module, and the keys beside it that
 * the object does not declare itself are gone: they belong to the module.
 * @param place how to speak of the tree: `sources.clusters`
 */
export async function resolveModules(
  schema: Schema,
  tree: ConfigTree,
  host: ModuleHost,
  place: string,
): Promise<ConfigTree> {
  if (tree.kind === "scalar" || !hasModules(schema)) return tree;
  const sides = fittingSides(schema, tree);
  if (tree.kind === "list") {
    const items: ConfigTree[] = [];
    for (const [index, item] of tree.items.entries())
      items.push(await resolveChild(sides, index, item, host, `${place}[${index}]`));
    return { ...tree, items };
  }
  const field = moduleField(sides, tree);
  const rest = field ? await resolveField(field, tree, host, place) : tree;
  const entries = new Map<string, Entry>();
  for (const [key, entry] of rest.entries)
    entries.set(
      key,
      key === field?.key
        ? entry
        : { ...entry, value: await resolveChild(sides, key, entry.value, host, `${place}.${key}`) },
    );
  return { ...rest, entries };
}

async function resolveChild(
  sides: readonly Schema[],
  key: string | number,
  child: ConfigTree,
  host: ModuleHost,
  place: string,
): Promise<ConfigTree> {
  const schema = sides.flatMap((side) => childSchemas(side, key)).find(hasModules);
  return schema ? resolveModules(schema, child, host, place) : child;
}

interface ModuleField {
  readonly key: string;
  readonly kind: string;
  readonly reference: ScalarTree;
  readonly declared: readonly string[];
}

function moduleField(sides: readonly Schema[], tree: MapTree): ModuleField | undefined {
  for (const side of sides)
    for (const [key, { value }] of tree.entries) {
      if (value.kind !== "scalar" || typeof value.value !== "string") continue;
      for (const child of childSchemas(side, key).flatMap(leavesOf)) {
        const kind = fieldKindOf(child);
        if (kind?.field === "module")
          return { key, kind: kind.moduleKind, reference: value, declared: [...(objectKeys(side) ?? [])] };
      }
    }
  return undefined;
}

async function resolveField(
  field: ModuleField,
  tree: MapTree,
  host: ModuleHost,
  place: string,
): Promise<MapTree> {
  const { key, kind, reference, declared } = field;
  const own = pick(tree, (name) => declared.includes(name));
  const loaded = await host.load(kind, reference, place);
  const beside = pick(tree, (name) => !declared.includes(name));
  const checked = loaded && (await host.check(loaded.definition, beside, place, declared));
  // Enough was said about a module that failed; nothing more is to be said about the field.
  const value: ScalarTree =
    loaded && checked
      ? { ...reference, value: resolved(reference, loaded, checked.output), reference: undefined }
      : { ...reference, value: null, failed: true };
  const entry = tree.entries.get(key) as Entry;
  return { ...own, entries: new Map([...own.entries, [key, { ...entry, value }]]) };
}

function resolved(
  { value }: ScalarTree,
  { definition, hash }: { definition: ModuleDefinition; hash: string },
  config: unknown,
): ResolvedModule {
  const module: LoadedModule = { reference: String(value), definition, config };
  return new ResolvedModule(module, hash);
}
