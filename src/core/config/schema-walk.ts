import type { z } from "zod";
import { type FieldKind, fieldKinds } from "../../plugin/fields.ts";

/** Any zod schema. */
export type Schema = z.core.$ZodType;

const cache = new WeakMap<Schema, readonly Schema[]>();

/** Whether a value is a zod schema, made by this copy of zod or another. */
function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && "_zod" in value;
}

/** The kind of a field that a schema helper made, through clones such as `.describe` makes; undefined for any other schema. */
export function fieldKindOf(schema: Schema): FieldKind | undefined {
  return fieldKinds.get(schema as z.ZodType);
}

/**
 * What a schema comes down to on the side of its input: optional, default, pipe and the like are seen through, unions and intersections
 * give each of their sides. A field of a schema helper stays whole.
 */
export function leavesOf(schema: Schema): readonly Schema[] {
  let leaves = cache.get(schema);
  if (!leaves) {
    const found = new Set<Schema>();
    collectLeaves(schema, found, new Set());
    leaves = [...found];
    cache.set(schema, leaves);
  }
  return leaves;
}

function collectLeaves(schema: Schema, found: Set<Schema>, seen: Set<Schema>): void {
  if (seen.has(schema)) return;
  seen.add(schema);
  if (fieldKindOf(schema)) {
    found.add(schema);
    return;
  }
  const inner = innerSchemas(schema);
  if (inner.length === 0) found.add(schema);
  for (const child of inner) collectLeaves(child, found, seen);
}

function innerSchemas(schema: Schema): readonly Schema[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case "optional":
    case "nullable":
    case "default":
    case "prefault":
    case "nonoptional":
    case "readonly":
    case "catch":
    case "success":
    case "promise":
      return [def.innerType];
    case "pipe":
      // A preprocessing step says nothing about what it takes, so what follows it has to.
      return [(def.in as z.core.$ZodTypes)._zod.def.type === "transform" ? def.out : def.in];
    case "lazy":
      return [def.getter()];
    case "union":
      return def.options;
    case "intersection":
      return [def.left, def.right];
    default:
      return [];
  }
}

/** The schemas that one key of a map, or one item of a list, may be validated by. */
export function childSchemas(schema: Schema, key: string | number): readonly Schema[] {
  return leavesOf(schema).flatMap((leaf) => {
    const { def } = (leaf as z.core.$ZodTypes)._zod;
    switch (def.type) {
      case "object": {
        const child = Object.hasOwn(def.shape, key) ? def.shape[key] : def.catchall;
        return child ? [child] : [];
      }
      case "record":
        return [def.valueType];
      case "array":
        return [def.element];
      case "tuple": {
        const child = def.items[Number(key)] ?? def.rest;
        return child ? [child] : [];
      }
      default:
        return [];
    }
  });
}

/** The schemas that the value at a path may be validated by. */
export function schemasAt(schema: Schema, path: readonly PropertyKey[]): readonly Schema[] {
  let schemas: readonly Schema[] = [schema];
  for (const key of path)
    schemas = schemas.flatMap((candidate) =>
      childSchemas(candidate, typeof key === "number" ? key : String(key)),
    );
  return schemas;
}

/** Keys that an object schema declares, over all sides of a union; undefined where a side is no object. */
export function objectKeys(schema: unknown): ReadonlySet<string> | undefined {
  if (!isSchema(schema)) return undefined;
  const keys = new Set<string>();
  for (const leaf of leavesOf(schema)) {
    const { def } = (leaf as z.core.$ZodTypes)._zod;
    if (def.type !== "object") return undefined;
    for (const key of Object.keys(def.shape)) keys.add(key);
  }
  return keys;
}
