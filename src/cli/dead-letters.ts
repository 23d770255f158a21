import { ControlClient } from "../core/control/client.ts";
import { LifeguardError, toCloudEvent } from "../plugin/index.ts";
import { dataDirectory } from "./data-directory.ts";
import { EXIT } from "./exit-code.ts";
import type { PlaceOptions } from "./options.ts";
import { align, paintFor, printable } from "./terminal.ts";

/** Prints dead letters, oldest first: their number, sink, time, event and the reason of the refusal. */
export async function listDeadLetters(
  sink: string | undefined,
  options: PlaceOptions & { readonly output: "text" | "json" },
): Promise<number> {
  const letters = await (await clientOf(options)).deadLetters(sink);
  if (options.output === "json") {
    for (const { id, sink: of, at, reason, attempts, envelope } of letters)
      process.stdout.write(
        `${JSON.stringify({ id, sink: of, at, reason, attempts, event: toCloudEvent(envelope) })}\n`,
      );
    return EXIT.ok;
  }
  const paint = paintFor(process.stdout);
  const rows = letters.map(({ id, sink: of, at, reason, envelope }) =>
    [String(id), of, at, envelope.event.subject, envelope.event.type, reason].map(printable),
  );
  if (rows.length === 0) process.stdout.write("no dead letters\n");
  else {
    const [head = [], ...lines] = align([["id", "sink", "refused at", "subject", "type", "reason"], ...rows]);
    process.stdout.write(
      `${[paint("bold", head.join("  ")), ...lines.map((line) => line.join("  "))].join("\n")}\n`,
    );
  }
  return EXIT.ok;
}

/** Hands dead letters to their sink again. @returns 0 when none is left of those that were meant */
export async function replayDeadLetters(
  sink: string,
  ids: readonly string[],
  options: PlaceOptions,
): Promise<number> {
  const wanted = ids.length > 0 ? ids.map(numberOf) : undefined;
  const { accepted, refused, left, reason } = await (await clientOf(options)).replay(sink, wanted);
  process.stdout.write(
    `${accepted} accepted, ${refused} refused again, ${left} left${reason === null ? "" : `: ${printable(reason)}`}\n`,
  );
  return refused + left === 0 ? EXIT.ok : EXIT.failure;
}

/** Deletes dead letters for good: those named, or with `--all` every one. */
export async function dropDeadLetters(
  sink: string,
  ids: readonly string[],
  options: PlaceOptions & { readonly all?: boolean | undefined },
): Promise<number> {
  if (ids.length === 0 && !options.all)
    throw new LifeguardError("USAGE", "say which dead letters to drop by their numbers, or --all");
  const { dropped } = await (await clientOf(options)).drop(
    sink,
    ids.length > 0 ? ids.map(numberOf) : undefined,
  );
  process.stdout.write(`${dropped} dropped\n`);
  return EXIT.ok;
}

async function clientOf(options: PlaceOptions): Promise<ControlClient> {
  return new ControlClient(await dataDirectory(options));
}

function numberOf(id: string): number {
  const number = Number(id);
  if (/^\d+$/.test(id)) return number;
  throw new LifeguardError("USAGE", `"${id}" is no number of a dead letter: see lifeguard dead-letters list`);
}
