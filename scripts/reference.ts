import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { builtins } from "../src/builtin.ts";
import { configSchema, knownPlugins } from "../src/core/config/config-schema.ts";
import type { JsonSchema } from "../src/core/config/json-schema.ts";
import { PROBLEM_CODES } from "../src/core/config/problem-codes.ts";
import { RESERVED_KEYS } from "../src/core/plugins/definition-check.ts";
import { PluginLoader } from "../src/core/plugins/loader.ts";

/*
 * Writes docs/reference.md from the schemas that validate monitors.yaml, so that it cannot differ from them.
 * With --check it writes nothing and exits 1 when the page on disk is stale.
 */
const page = fileURLToPath(new URL("../docs/reference.md", import.meta.url));
const REFERENCES = ["env:NAME", "env:NAME:-default", "file:path"].map((inside) => `\${${inside}}`);
const { values } = parseArgs({ options: { check: { type: "boolean", default: false } } });
const text = await render();
if (!values.check) await writeFile(page, text);
else if ((await readFile(page, "utf8").catch(() => "")) !== text) {
  console.error("docs/reference.md is stale: run node scripts/reference.ts");
  process.exitCode = 1;
}

async function render(): Promise<string> {
  const options = { loader: new PluginLoader({ builtins }), env: {} };
  const schema = await configSchema(options);
  const plugins = await knownPlugins(options);
  const parts = [
    "# Reference of monitors.yaml",
    "This page is made from the schemas that validate the file (`node scripts/reference.ts`). `lifeguard schema` prints the same for editors.",
    "## Top level",
    table(schema),
    `Any value may come by reference: ${REFERENCES.map(code).join(", ")}; ${code("$${")} stands for ${code("${")} itself. Keys that begin with ${code("x-")} are ignored: a place for anchors.`,
  ];
  for (const kind of ["source", "sink"] as const) {
    const own = plugins.filter((plugin) => plugin.kind === kind);
    const definitions = schema.definitions as Record<string, JsonSchema>;
    const common = RESERVED_KEYS[kind];
    const [first] = own;
    parts.push(`## Every ${kind}`);
    if (first)
      parts.push(table(only(definitions[`${kind}.${first.type}`] ?? {}, (key) => common.includes(key))));
    for (const { type, definition } of own)
      parts.push(
        `## ${kind === "source" ? "Source" : "Sink"} \`${type}\``,
        `${definition.summary.replace(/\.$/, "")}.`,
        ...("delivery" in definition
          ? [
              `Delivery: ${definition.delivery} unless \`delivery\` says otherwise, up to ${definition.batch.maxEvents} events at once unless \`batch\` does.`,
            ]
          : []),
        table(only(definitions[`${kind}.${type}`] ?? {}, (key) => !common.includes(key))),
        ...("events" in definition
          ? [`Events: ${[...definition.events.keys()].map((name) => `\`${name}\``).join(", ")}.`]
          : []),
      );
  }
  parts.push(
    "## Problems",
    [
      "| code | what it means |",
      "| --- | --- |",
      ...Object.entries(PROBLEM_CODES).map(([code, what]) => `| ${code} | ${cell(what)} |`),
    ].join("\n"),
  );
  return `${parts.join("\n\n")}\n`;
}

function only(schema: JsonSchema, wanted: (key: string) => boolean): JsonSchema {
  const properties = Object.entries((schema.properties ?? {}) as JsonSchema).filter(([key]) => wanted(key));
  return { ...schema, properties: Object.fromEntries(properties) };
}

function table(schema: JsonSchema): string {
  const rows = rowsOf(schema, "");
  if (rows.length === 0) return "No options.";
  return ["| key | takes | default | |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

/** One row a key, nested ones by their path. */
function rowsOf(schema: JsonSchema, prefix: string): string[] {
  const required = (schema.required ?? []) as readonly string[];
  return Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>).flatMap(
    ([key, property]) => {
      const name = `${prefix}${key}`;
      const shown = "default" in property ? code(property.default) : required.includes(key) ? "required" : "";
      const examples = (property.examples ?? []) as readonly unknown[];
      const example = examples.length > 0 ? ` Example: ${code(examples[0])}` : "";
      const row = `| \`${name}\` | ${cell(typeOf(property))} | ${shown} | ${cell(String(property.description ?? ""))}${example} |`;
      const sides = [property, ...((property.anyOf ?? []) as JsonSchema[])];
      const nested = sides.filter((side) => side.properties);
      const items = sides.map((side) => side.items as JsonSchema | undefined);
      const deeper =
        name === "sources" || name === "sinks"
          ? []
          : [
              ...nested.flatMap((side) => rowsOf(side, `${name}.`)),
              ...items.flatMap((item) => (item ? rowsOf(item, `${name}[].`) : [])),
            ];
      return [row, ...deeper];
    },
  );
}

function typeOf(schema: JsonSchema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (Array.isArray(schema.enum)) return schema.enum.map((value) => JSON.stringify(value)).join(", ");
  const sides = (schema.anyOf ?? schema.allOf) as JsonSchema[] | undefined;
  if (sides) return [...new Set(sides.filter(({ $ref }) => $ref === undefined).map(typeOf))].join(" or ");
  if (typeof schema.$comment === "string") return schema.$comment;
  switch (Array.isArray(schema.type) ? schema.type[0] : schema.type) {
    case "array":
      return `list of ${typeOf((schema.items ?? {}) as JsonSchema) || "values"}`;
    case "object":
      return "map";
    case "integer":
      return "whole number";
    case "boolean":
      return "true, false";
    case "string":
      return "text";
    default:
      return String(schema.type ?? "");
  }
}

function code(value: unknown): string {
  return `\`${cell(typeof value === "string" ? value : JSON.stringify(value))}\``;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
