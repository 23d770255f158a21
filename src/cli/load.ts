import { builtins } from "../builtin.ts";
import { loadConfig } from "../core/config/load-config.ts";
import type { LoadResult } from "../core/config/model.ts";
import { PluginLoader } from "../core/plugins/loader.ts";
import type { PlaceOptions } from "./options.ts";
import { configFile } from "./place.ts";

/** The plugin loader of the command line: it knows the built-ins. */
export function pluginLoader(): PluginLoader {
  return new PluginLoader({ builtins });
}

/**
 * Makes what loads the configuration that the options name. Called again, it finds what changed meanwhile: the plugin loader remembers the
 * versions of plugin files.
 */
export function configLoader(
  options: PlaceOptions & { readonly role?: string | undefined },
  loader: PluginLoader = pluginLoader(),
): () => Promise<LoadResult> {
  const file = configFile(options);
  const { role, data: dataDirectory } = options;
  return () => loadConfig({ file, role, dataDirectory, env: process.env, loader });
}
