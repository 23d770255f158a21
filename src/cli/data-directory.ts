import { dirname, resolve } from "node:path";
import { ConfigFiles } from "../core/config/config-files.ts";
import { toValue } from "../core/config/config-tree.ts";
import { ConfigReader } from "../core/config/include.ts";
import { Problems } from "../core/config/problems.ts";
import { ReferenceResolver } from "../core/config/reference-resolver.ts";
import type { PlaceOptions } from "./options.ts";
import { configFile } from "./place.ts";

/**
 * Where the lifeguard that a command wants to reach keeps its data: `--data`, else `data:` of the configuration, else `data` beside it.
 * The configuration is only read, not validated: what runs may be older than the mistake that somebody just made.
 * @returns an absolute path
 */
export async function dataDirectory(options: PlaceOptions): Promise<string> {
  if (options.data !== undefined) return resolve(options.data);
  const file = configFile(options);
  const problems = new Problems();
  const files = new ConfigFiles(process.env);
  const root = await new ConfigReader(files, new ReferenceResolver(files, problems), problems).read(file);
  const data = root.entries.get("data")?.value;
  const value = data && toValue(data);
  if (data === undefined || typeof value !== "string" || value === "") return resolve(dirname(file), "data");
  return resolve(dirname(data.span.source.path), value);
}
