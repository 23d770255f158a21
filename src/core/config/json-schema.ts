import { z } from "zod";
import type { FieldKind } from "../../plugin/fields.ts";
import { childSchemas, fieldKindOf, leavesOf, type Schema } from "./schema-walk.ts";

/** A JSON Schema, draft-07. */
export type JsonSchema = { [key: string]: unknown };

/** Where any schema made here expects the definition of a text that holds a reference. */
const REFERENCE_REF = "#/definitions/reference";

/** A text with `${env:…}` or `${file:…}` in it, which stands for what it names. */
export const referenceSchema: JsonSchema = {
  type: "string",
  pattern: "\\$\\{(env|file):[^}]+\\}",
  description: `A reference: \${env:NAME}, \${env:NAME:-default} or \${file:path}.`,
};

const ANNOTATIONS = ["title", "description", "default", "examples", "deprecated"];

/**
 * The JSON Schema of what a schema takes. It knows what the validation knows: unknown keys are errors, and a reference may stand for any
 * scalar. It may accept more than the validation does, never less.
 */
export function toJsonSchema(schema: Schema): JsonSchema {
  const json = z.toJSONSchema(schema as z.ZodType, {
    target: "draft-7",
    io: "input",
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema }) => relax(zodSchema, jsonSchema),
  }) as JsonSchema;
  delete json.$schema;
  return withReferences(json) as JsonSchema;
}

/** What a field of a schema helper looks like, where its author gives neither example nor default. */
const FIELD_EXAMPLES: Readonly<Record<FieldKind["field"], string>> = {
  path: "./file",
  duration: "30s",
  size: "64KiB",
  glob: "*",
  cron: "*/5 * * * *",
  secret: `\${env:SECRET}`,
  module: "./my-module.ts",
};

const STANDARD_EXAMPLES = new Set(Object.values(FIELD_EXAMPLES));

function relax(schema: Schema, json: JsonSchema): void {
  // zod keeps examples of what is transformed to itself, for they could be examples of the output; here they are of the input.
  const examples = z.globalRegistry.get(schema)?.examples;
  if (examples !== undefined) json.examples = examples;
  const kind = fieldKindOf(schema);
  if (kind) {
    json.$comment = kind.field;
    if (!("default" in json) && !("examples" in json)) json.examples = [FIELD_EXAMPLES[kind.field]];
  }
  if (json.maximum === Number.MAX_SAFE_INTEGER) delete json.maximum;
  if (json.minimum === Number.MIN_SAFE_INTEGER) delete json.minimum;
  const { def } = (schema as z.core.$ZodTypes)._zod;
  const takesAnything =
    ("coerce" in def && def.coerce === true) ||
    (def.type === "pipe" && (def.in as z.core.$ZodTypes)._zod.def.type === "transform");
  if (takesAnything) {
    for (const key of Object.keys(json)) if (!ANNOTATIONS.includes(key)) delete json[key];
  } else if (def.type === "object" && !def.catchall)
    json.additionalProperties = holdsModule(schema, def.shape);
  else if (def.type === "intersection")
    // Each side would refuse the other's keys.
    for (const side of json.allOf as JsonSchema[]) delete side.additionalProperties;
}

/** The keys beside a module reference belong to the module. */
function holdsModule(schema: Schema, shape: object): boolean {
  return Object.keys(shape).some((key) =>
    childSchemas(schema, key)
      .flatMap(leavesOf)
      .some((leaf) => fieldKindOf(leaf)?.field === "module"),
  );
}

/** Lets a reference stand wherever only certain scalars could. */
function withReferences(schema: unknown): unknown {
  if (typeof schema !== "object" || schema === null || Array.isArray(schema)) return schema;
  const json = mapSchemas(schema as JsonSchema, withReferences);
  // That a map may be left out says nothing that its own fields do not say better.
  if (JSON.stringify(json.default) === "{}" && json.examples === undefined) delete json.default;
  if ("default" in json && STANDARD_EXAMPLES.has(String(json.examples))) delete json.examples;
  const sides = json.anyOf ?? json.oneOf;
  if (Array.isArray(sides)) {
    delete json.oneOf;
    json.anyOf = flatSides(sides as JsonSchema[]);
    return json;
  }
  if (!refusesReferences(json)) return json;
  const rest = Object.fromEntries(Object.entries(json).filter(([key]) => !ANNOTATIONS.includes(key)));
  const annotations = Object.fromEntries(Object.entries(json).filter(([key]) => ANNOTATIONS.includes(key)));
  return { ...annotations, anyOf: [rest, { $ref: REFERENCE_REF }] };
}

/** One alternative for references is enough. */
function flatSides(sides: readonly JsonSchema[]): JsonSchema[] {
  const isReference = (side: JsonSchema) => side.$ref === REFERENCE_REF;
  const flat = sides.flatMap((side) => {
    const inner = side.anyOf as JsonSchema[] | undefined;
    return inner?.some(isReference) && Object.keys(side).length === 1 ? inner : [side];
  });
  const others = flat.filter((side) => !isReference(side));
  return others.length < flat.length ? [...others, { $ref: REFERENCE_REF }] : others;
}

function refusesReferences(json: JsonSchema): boolean {
  if ("const" in json || "enum" in json) return true;
  if (json.type === "number" || json.type === "integer" || json.type === "boolean") return true;
  // The shortest reference is longer than any sensible lower bound.
  return json.type === "string" && ["pattern", "format", "maxLength"].some((key) => key in json);
}

/** Applies a function to the schemas directly below one, names of keys left out. */
export function mapSchemas(json: JsonSchema, change: (schema: unknown) => unknown): JsonSchema {
  const result: JsonSchema = { ...json };
  for (const key of ["properties", "patternProperties", "definitions"])
    if (key in json)
      result[key] = Object.fromEntries(
        Object.entries(json[key] as JsonSchema).map(([name, schema]) => [name, change(schema)]),
      );
  for (const key of ["additionalProperties", "additionalItems", "not"])
    if (key in json) result[key] = change(json[key]);
  for (const key of ["anyOf", "oneOf", "allOf", "items"]) {
    const value = json[key];
    if (value !== undefined) result[key] = Array.isArray(value) ? value.map(change) : change(value);
  }
  return result;
}
