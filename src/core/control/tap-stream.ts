import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { compileGlob, type Envelope, type Filter, type OpenStream } from "../../plugin/index.ts";
import type { TapLine } from "./status-report.ts";

/** Families of types that come only to who asks for them. */
const RESERVED = /^(?:lifeguard|subject)\./;

/** Streams events from now on as NDJSON until the signal aborts. A reader that is slow falls back to the journal and holds back nobody. */
export async function tap(
  events: OpenStream,
  glob: string | undefined,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const matches = tapTest(glob);
  response.writeHead(200, { "content-type": "application/x-ndjson" });
  response.flushHeaders();
  for await (const item of events({ filter: tapFilter(glob), signal })) {
    const lines: TapLine[] =
      item.kind === "events"
        ? item.events.filter(matches).map((envelope) => ({ envelope }))
        : item.kind === "gap"
          ? [{ gap: item.reason }]
          : [];
    if (lines.length === 0) continue;
    if (!response.write(lines.map((line) => `${JSON.stringify(line)}\n`).join("")))
      await once(response, "drain", { signal });
  }
  response.end();
}

/** What of the filter the stream itself can do; the rest is `tapTest`. */
function tapFilter(glob: string | undefined): Filter {
  return glob !== undefined && RESERVED.test(glob) ? { types: [glob] } : {};
}

/** Whether the glob matches what a person would name an event by: its subject, type or source. */
function tapTest(glob: string | undefined): (envelope: Envelope) => boolean {
  if (glob === undefined) return () => true;
  const test = compileGlob(glob);
  return ({ event }) => test(event.subject) || test(event.type) || test(event.source);
}
