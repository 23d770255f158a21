import { pluginLoader } from "./load.ts";
import type { PlaceOptions } from "./options.ts";
import { configFile } from "./place.ts";
import { plugins } from "./plugins.ts";
import { schema } from "./schema.ts";
import { colored } from "./terminal.ts";
import { validate } from "./validate.ts";

const print = (text: string) => void process.stdout.write(`${text}\n`);

/** `lifeguard validate`. */
export function validateCommand(
  file: string | undefined,
  options: PlaceOptions & { readonly format: "pretty" | "json"; readonly role?: string | undefined },
): Promise<number> {
  const { format, role } = options;
  const place = file === undefined ? options : { config: file };
  return validate(configFile(place), {
    format,
    role,
    color: colored(process.stdout),
    loader: pluginLoader(),
    env: process.env,
    print,
  });
}

/** `lifeguard schema`. */
export function schemaCommand(file: string | undefined, options: PlaceOptions): Promise<number> {
  return schema({
    file: configFile(file === undefined ? options : { config: file }),
    loader: pluginLoader(),
    env: process.env,
    print,
  });
}

/** `lifeguard plugins`. */
export function pluginsCommand(
  options: PlaceOptions & { readonly output: "text" | "json" },
): Promise<number> {
  const format = options.output === "json" ? "json" : "pretty";
  return plugins({
    file: configFile(options),
    format,
    color: colored(process.stdout),
    loader: pluginLoader(),
    env: process.env,
    print,
  });
}
