import { ControlClient } from "../core/control/client.ts";
import { dataDirectory } from "./data-directory.ts";
import { EXIT } from "./exit-code.ts";
import type { PlaceOptions } from "./options.ts";

/** Lets the running lifeguard read its configuration again. @returns 0, or 78 when it refuses what it reads */
export async function reload(options: PlaceOptions): Promise<number> {
  const outcome = await new ControlClient(await dataDirectory(options)).reload();
  if (outcome.ok) {
    process.stdout.write(`${outcome.message}\n`);
    return EXIT.ok;
  }
  const { details, message } = outcome;
  process.stderr.write(details === message ? `${message}\n` : `${details}\n${message}\n`);
  return EXIT.config;
}
