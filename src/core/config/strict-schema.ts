import { z } from "zod";
import type { LoadedModule } from "../../plugin/index.ts";
import { fieldKindOf, type Schema } from "./schema-walk.ts";

const cache = new WeakMap<Schema, Schema>();

/** Marks a module that config has loaded, so that the field it belongs to accepts it and nothing else. */
export class ResolvedModule implements LoadedModule {
  readonly reference: string;
  readonly definition: LoadedModule["definition"];
  readonly config: unknown;
  /** Of the module's own files. */
  readonly hash: string;

  constructor(module: LoadedModule, hash: string) {
    this.reference = module.reference;
    this.definition = module.definition;
    this.config = module.config;
    this.hash = hash;
  }
}

/**
 * Rebuilds a schema so that unknown keys are errors at every depth, except where it says otherwise itself (`z.looseObject`, `.catchall`),
 * and module references accept what config has loaded for them. Descriptions and field kinds stay. The same schema gives the same result.
 */
export function strictSchema(schema: Schema): Schema {
  const known = cache.get(schema);
  if (known) return known;
  const strict = rebuild(schema);
  cache.set(schema, strict);
  return strict;
}

function rebuild(schema: Schema): Schema {
  if (fieldKindOf(schema)?.field === "module")
    return z.instanceof(ResolvedModule, { error: "expected the file or package of a module" });
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case "object":
      return copy(schema, {
        ...def,
        shape: lazyShape(def.shape),
        catchall: def.catchall ? strictSchema(def.catchall) : z.never(),
      });
    case "lazy": {
      const { getter } = def;
      return copy(schema, { ...def, getter: () => strictSchema(getter()) });
    }
    case "array":
      return copy(schema, { ...def, element: strictSchema(def.element) });
    case "tuple":
      return copy(schema, {
        ...def,
        items: def.items.map(strictSchema),
        rest: def.rest && strictSchema(def.rest),
      });
    case "record":
      return copy(schema, { ...def, valueType: strictSchema(def.valueType) });
    case "union":
      return copy(schema, { ...def, options: def.options.map(strictSchema) });
    case "intersection":
      return copy(schema, { ...def, left: strictSchema(def.left), right: strictSchema(def.right) });
    case "pipe":
      return copy(schema, { ...def, in: strictSchema(def.in), out: strictSchema(def.out) });
    case "optional":
    case "nullable":
    case "default":
    case "prefault":
    case "nonoptional":
    case "readonly":
    case "catch":
    case "success":
    case "promise":
      return copy(schema, copyDefault({ ...def, innerType: strictSchema(def.innerType) }, def));
    default:
      return schema;
  }
}

/** Spreading a definition calls the getter of a default, which may give a new value each time; this keeps it a getter. */
function copyDefault<Def extends object>(copied: Def, original: object): Def {
  const descriptor = Object.getOwnPropertyDescriptor(original, "defaultValue");
  return descriptor ? Object.defineProperty(copied, "defaultValue", descriptor) : copied;
}

/** A shape may refer to itself by getters, so its fields are rebuilt when they are first asked for. */
function lazyShape(shape: Readonly<Record<string, Schema>>): Record<string, Schema> {
  const strict: Record<string, Schema> = {};
  for (const key of Object.keys(shape))
    Object.defineProperty(strict, key, {
      enumerable: true,
      get: () => strictSchema(shape[key] as Schema),
    });
  return strict;
}

function copy(schema: Schema, def: object): Schema {
  return z.core.clone(schema, def as z.core.$ZodTypeDef, { parent: true });
}
