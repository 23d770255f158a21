import type { Writable } from "node:stream";
import { type Sink, toCloudEvent } from "../../plugin/index.ts";
import { Output } from "./output.ts";
import { PrettyLines } from "./pretty.ts";

/** Where the sink writes: standard output, or a test's stream. */
export interface Terminal {
  readonly stream: Writable;
  readonly isTerminal: boolean;
  /** The environment, for `NO_COLOR`. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Makes the sink that writes events to a stream, as CloudEvents or as lines for people.
 * @param format absent: what suits the stream
 */
export function consoleSink(
  format: "pretty" | "ndjson" | undefined,
  { stream, isTerminal, env }: Terminal,
): Sink {
  const output = new Output(stream);
  const lines =
    (format ?? (isTerminal ? "pretty" : "ndjson")) === "pretty"
      ? new PrettyLines(isTerminal && !env.NO_COLOR && env.TERM !== "dumb")
      : undefined;
  return {
    async write(batch, signal) {
      if (output.gone) return;
      let text = "";
      for (const envelope of batch)
        text += lines ? lines.line(envelope) : `${JSON.stringify(toCloudEvent(envelope))}\n`;
      await output.write(text, signal);
    },
    async close() {
      output.close();
    },
  };
}
