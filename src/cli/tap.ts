import { ControlClient } from "../core/control/client.ts";
import type { TapLine } from "../core/control/status-report.ts";
import { type Envelope, toCloudEvent } from "../plugin/index.ts";
import { dataDirectory } from "./data-directory.ts";
import { EXIT } from "./exit-code.ts";
import type { PlaceOptions } from "./options.ts";
import { type Paint, paintFor, printable, STATUS_FORMAT } from "./terminal.ts";

/** What `lifeguard tap` may be told. */
export interface TapOptions extends PlaceOptions {
  /** Absent: text on a terminal, JSON where piped. */
  readonly output?: "text" | "json" | undefined;
}

/** Prints events as they pass, until Ctrl-C, until nobody reads them any more, or until lifeguard stops. */
export async function tap(glob: string | undefined, options: TapOptions): Promise<number> {
  const client = new ControlClient(await dataDirectory(options));
  const over = new AbortController();
  const end = () => over.abort();
  process.once("SIGINT", end);
  process.once("SIGTERM", end);
  process.stdout.once("error", end);
  const json = (options.output ?? (process.stdout.isTTY ? "text" : "json")) === "json";
  const paint = paintFor(process.stdout);
  try {
    for await (const line of client.tap(glob, over.signal))
      await write(json ? jsonLine(line) : textLine(line, paint), over.signal);
  } catch (error) {
    if (!over.signal.aborted) throw error;
  }
  return EXIT.ok;
}

/** A CloudEvent; of a gap, an object that says why there is one. */
function jsonLine(line: TapLine): string {
  return JSON.stringify("gap" in line ? line : toCloudEvent(line.envelope));
}

/** Time, status, subject, message; where the status changed, what it was before. */
export function textLine(line: TapLine, paint: Paint): string {
  if ("gap" in line) return paint("dim", `-- some events were missed: ${line.gap}`);
  const { event } = line.envelope;
  return [
    paint("dim", new Date(event.time).toTimeString().slice(0, 8)),
    paint(STATUS_FORMAT[event.status], event.status.padEnd(8)),
    printable(event.subject).padEnd(32),
    paint("dim", printable(event.type)),
    `${printable(event.message)}${before(line.envelope)}`,
  ].join("  ");
}

function before({ change, previous }: Envelope): string {
  return change && previous !== null ? ` (was ${previous})` : "";
}

function write(line: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    process.stdout.write(`${line}\n`, (error) => {
      signal.removeEventListener("abort", abort);
      if (error) reject(error);
      else resolve();
    });
  });
}
