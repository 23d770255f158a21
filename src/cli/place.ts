import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { PlaceOptions } from "./options.ts";

/** The configuration to use: what was asked for, else `./monitors.yaml`, else the one that came with lifeguard. @returns an absolute path */
export function configFile({ config }: PlaceOptions): string {
  if (config !== undefined) return resolve(config);
  const here = resolve("monitors.yaml");
  return existsSync(here) ? here : fileURLToPath(new URL("../../monitors.yaml", import.meta.url));
}
