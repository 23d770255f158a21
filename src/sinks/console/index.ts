import { defineSink } from "../../plugin/index.ts";
import { consoleConfig } from "./config.ts";
import { consoleSink } from "./sink.ts";

/** Writes events to standard output, which is its own: logs go to standard error. */
export default defineSink({
  name: "console",
  summary: "Events on standard output, as CloudEvents (NDJSON) or as lines for people",
  delivery: "live",
  config: consoleConfig,
  start: ({ format }) =>
    consoleSink(format, {
      stream: process.stdout,
      isTerminal: process.stdout.isTTY === true,
      env: process.env,
    }),
});
