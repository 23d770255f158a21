import { styleText } from "node:util";
import { knownPlugins, type SchemaOptions } from "../core/config/config-schema.ts";

/** What `lifeguard plugins` needs. */
export interface PluginsOptions extends SchemaOptions {
  readonly format: "pretty" | "json";
  readonly color: boolean;
  /** Takes what goes to standard output. */
  readonly print: (text: string) => void;
}

/** Lists the built-in plugins, and those of a file that load. */
export async function plugins(options: PluginsOptions): Promise<0> {
  const rows = (await knownPlugins(options)).map(({ kind, type, definition }) => ({
    kind,
    type,
    summary: definition.summary,
  }));
  if (options.format === "json") {
    options.print(JSON.stringify(rows, null, 2));
    return 0;
  }
  const width = Math.max(0, ...rows.map(({ type }) => type.length));
  for (const { kind, type, summary } of rows) {
    const name = options.color ? styleText("bold", type, { validateStream: false }) : type;
    options.print(`${kind.padEnd(6)}  ${name}${" ".repeat(width - type.length)}  ${summary}`);
  }
  return 0;
}
