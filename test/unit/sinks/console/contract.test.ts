import { Writable } from "node:stream";
import { describe, it } from "vitest";
import { defineSink } from "../../../../src/plugin/index.ts";
import { consoleConfig } from "../../../../src/sinks/console/config.ts";
import { consoleSink } from "../../../../src/sinks/console/sink.ts";
import { sinkContract } from "../../../../src/testkit/index.ts";

describe("the console sink keeps the contract of sinks", () => {
  const subjects: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      for (const line of String(chunk).trimEnd().split("\n")) subjects.push(JSON.parse(line).subject);
      done();
    },
  });
  // The built-in definition writes to this process's own standard output, which belongs to the test runner.
  const definition = defineSink({
    name: "console",
    summary: "The console sink on a stream of the test",
    delivery: "live",
    config: consoleConfig,
    start: ({ format }) => consoleSink(format, { stream, isTerminal: false, env: {} }),
  });

  it.each(sinkContract({ definition, config: () => ({ format: "ndjson" }), arrived: () => subjects }))(
    "$name",
    ({ run }) => run(),
  );
});
