import { ControlClient } from "../core/control/client.ts";
import { dataDirectory } from "./data-directory.ts";
import { EXIT } from "./exit-code.ts";
import type { PlaceOptions } from "./options.ts";
import { printable } from "./terminal.ts";

/** Lets a sink of the running lifeguard send a test message, and prints what came of it. Rejects where it could not be sent. */
export async function notifyTest(sink: string, options: PlaceOptions): Promise<number> {
  const client = new ControlClient(await dataDirectory(options));
  const { done } = await client.testSink(sink);
  process.stdout.write(`${printable(done)}\n`);
  return EXIT.ok;
}
