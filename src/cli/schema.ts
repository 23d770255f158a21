import { configSchema, type SchemaOptions } from "../core/config/config-schema.ts";

/**
 * Prints the JSON Schema of monitors.yaml.
 * @param print takes what goes to standard output
 */
export async function schema(
  options: SchemaOptions & { readonly print: (text: string) => void },
): Promise<0> {
  options.print(JSON.stringify(await configSchema(options), null, 2));
  return 0;
}
