import { dirname, resolve } from "node:path";
import type { SinkDefinition, SourceDefinition } from "../../plugin/index.ts";
import type { PluginLoader } from "../plugins/loader.ts";
import { PluginError } from "../plugins/plugin-error.ts";
import { ConfigFiles } from "./config-files.ts";
import { coreSchema, sinkKeys, sourceKeys } from "./core-schema.ts";
import { ConfigReader } from "./include.ts";
import { type JsonSchema, mapSchemas, referenceSchema, toJsonSchema } from "./json-schema.ts";
import { Problems } from "./problems.ts";
import { ReferenceResolver } from "./reference-resolver.ts";

/** What making a schema needs. */
export interface SchemaOptions {
  readonly loader: PluginLoader;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Configuration whose plugins the schema is to know beside the built-in ones. */
  readonly file?: string | undefined;
}

/** A plugin by the word that monitors.yaml has after `type:`. */
export interface NamedPlugin {
  readonly kind: "source" | "sink";
  readonly type: string;
  readonly definition: SourceDefinition | SinkDefinition;
}

/**
 * All built-in plugins, and those that a file names as far as they load; sources before sinks, built-ins before others.
 * @throws PluginError when a built-in itself is broken
 */
export async function knownPlugins({ loader, env, file }: SchemaOptions): Promise<readonly NamedPlugin[]> {
  const plugins: NamedPlugin[] = [];
  for (const kind of ["source", "sink"] as const) {
    for (const type of loader.names(kind))
      plugins.push({ kind, type, definition: (await loader.load(kind, type, "/")).definition });
    for (const { type, folder } of file === undefined ? [] : await namedTypes(kind, file, env)) {
      if (plugins.some((plugin) => plugin.kind === kind && plugin.type === type)) continue;
      try {
        plugins.push({ kind, type, definition: (await loader.load(kind, type, folder)).definition });
      } catch (error) {
        // What is wrong with it is for `validate` to say; its instances go unchecked here.
        if (!(error instanceof PluginError)) throw error;
      }
    }
  }
  return plugins;
}

async function namedTypes(
  kind: "source" | "sink",
  file: string,
  env: SchemaOptions["env"],
): Promise<ReadonlyArray<{ type: string; folder: string }>> {
  const files = new ConfigFiles(env);
  const problems = new Problems();
  const root = await new ConfigReader(files, new ReferenceResolver(files, problems), problems).read(
    resolve(file),
  );
  const section = root.entries.get(`${kind}s`)?.value;
  if (section?.kind !== "map") return [];
  return [...section.entries].flatMap(([name, { value }]) => {
    const type = value.kind === "map" ? value.entries.get("type")?.value : undefined;
    if (type && (type.kind !== "scalar" || typeof type.value !== "string")) return [];
    return [{ type: type ? String(type.value) : name, folder: dirname(value.span.source.path) }];
  });
}

/**
 * The JSON Schema (draft-07) of monitors.yaml, for editors: core, all built-in plugins and those that a file names. It accepts every file
 * that the validation accepts.
 */
export async function configSchema(options: SchemaOptions): Promise<JsonSchema> {
  const plugins = await knownPlugins(options);
  const core = toJsonSchema(coreSchema);
  const properties = core.properties as Record<string, JsonSchema>;
  const definitions: JsonSchema = { reference: referenceSchema };
  for (const kind of ["source", "sink"] as const) {
    const own = plugins.filter((plugin) => plugin.kind === kind);
    const names = own.map((plugin) => definePlugin(plugin, definitions));
    definitions[kind] = instanceSchema(kind, own, names);
    properties[`${kind}s`] = {
      ...annotationsOf(properties[`${kind}s`]),
      type: ["object", "null"],
      properties: Object.fromEntries(
        own.flatMap(({ type }, index) =>
          /^[\w-]+$/.test(type) ? [[type, defaulted(kind, names[index] ?? "")]] : [],
        ),
      ),
      additionalProperties: { $ref: `#/definitions/${kind}` },
    };
  }
  properties.roles = { ...properties.roles, type: ["object", "null"] };
  properties.maintenance = { ...properties.maintenance, type: ["array", "null"] };
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "monitors.yaml of lifeguard",
    ...core,
    patternProperties: { "^x-": { description: "Anything: a place for anchors." } },
    definitions,
  };
}

/** Adds a plugin's schema to the definitions, with core's keys; returns its name there. */
function definePlugin({ kind, type, definition }: NamedPlugin, definitions: JsonSchema): string {
  const name = uniqueName(`${kind}.${type.replace(/[^\w.-]+/g, "-")}`, definitions);
  const { definitions: inner = {}, ...json } = toJsonSchema(definition.config);
  const moved = (schema: unknown) => moveRefs(schema, name);
  for (const [key, schema] of Object.entries(inner as JsonSchema))
    definitions[`${name}.${key}`] = moved(schema);
  const keys = toJsonSchema(kind === "source" ? sourceKeys : sinkKeys).properties as JsonSchema;
  definitions[name] = { ...withKeys(moved(json) as JsonSchema, keys), description: definition.summary };
  return name;
}

function uniqueName(name: string, taken: JsonSchema): string {
  let unique = name;
  for (let count = 2; unique in taken; count++) unique = `${name}.${count}`;
  return unique;
}

/** Points the references within a plugin's schema to where it stands now. */
function moveRefs(schema: unknown, name: string): unknown {
  if (typeof schema !== "object" || schema === null || Array.isArray(schema)) return schema;
  const json = mapSchemas(schema as JsonSchema, (inner) => moveRefs(inner, name));
  const ref = json.$ref;
  if (ref === "#") json.$ref = `#/definitions/${name}`;
  else if (typeof ref === "string" && ref.startsWith("#/definitions/__"))
    json.$ref = ref.replace("#/definitions/", `#/definitions/${name}.`);
  return json;
}

/** Adds core's keys to every object that an instance can be. */
function withKeys(json: JsonSchema, keys: JsonSchema): JsonSchema {
  for (const sides of ["anyOf", "allOf"])
    if (Array.isArray(json[sides]))
      return { ...json, [sides]: (json[sides] as JsonSchema[]).map((side) => withKeys(side, keys)) };
  if (json.type !== "object") return json;
  return { ...json, properties: { ...keys, ...(json.properties as JsonSchema | undefined) } };
}

/** An instance by its `type`. One without a type that is known here may hold anything. */
function instanceSchema(
  kind: "source" | "sink",
  plugins: readonly NamedPlugin[],
  names: readonly string[],
): JsonSchema {
  return {
    type: ["object", "null"],
    properties: {
      type: {
        type: "string",
        description: `The ${kind}: a built-in's name, a file (./my-${kind}.ts) or a package. Without it, the instance's own name.`,
        examples: plugins.map(({ type }) => type),
      },
    },
    allOf: plugins.map(({ type }, index) => ({
      if: { type: "object", required: ["type"], properties: { type: { const: type } } },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: { $ref: `#/definitions/${names[index]}` },
    })),
  };
}

/** An instance whose name is that of a plugin, which is its type unless it says otherwise. */
function defaulted(kind: "source" | "sink", name: string): JsonSchema {
  return {
    allOf: [
      { $ref: `#/definitions/${kind}` },
      {
        if: { type: "object", required: ["type"] },
        // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
        then: true,
        else: { anyOf: [{ $ref: `#/definitions/${name}` }, { type: "null" }] },
      },
    ],
  };
}

function annotationsOf(json: JsonSchema | undefined): JsonSchema {
  return json?.description === undefined ? {} : { description: json.description };
}
