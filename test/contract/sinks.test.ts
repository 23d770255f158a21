import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sinkContract } from "lifeguard/testkit";
import { afterAll, describe, test } from "vitest";
import consoleSink from "../../src/sinks/console/index.ts";
import notify from "../../src/sinks/notify/index.ts";
import web from "../../src/sinks/web/index.ts";
import fileSink from "../fixtures/file-sink.ts";

const folder = mkdtempSync(join(tmpdir(), "lifeguard-sinks-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the sink web keeps the contract", () => {
  const checks = sinkContract({ definition: web, config: () => ({ listen: "127.0.0.1:0" }) });
  for (const { name, run } of checks) test(name, run, 30_000);
});

describe("the sink notify keeps the contract", () => {
  const checks = sinkContract({ definition: notify, config: () => ({ exec: { command: "/bin/true" } }) });
  for (const { name, run } of checks) test(name, run, 30_000);
});

describe("the sink console keeps the contract", () => {
  const checks = sinkContract({ definition: consoleSink, config: () => ({ format: "ndjson" }) });
  for (const { name, run } of checks) test(name, run, 30_000);
});

describe("a user's sink, with a far end that fails at random, keeps the contract", () => {
  const file = join(folder, "out");
  writeFileSync(file, "");
  const down = `${file}.down`;
  const checks = sinkContract({
    definition: fileSink,
    config: () => ({ file }),
    arrived: () =>
      readFileSync(file, "utf8")
        .split("\n")
        .slice(0, -1)
        .map((line) => JSON.parse(line).subject),
    disturb() {
      const flip = setInterval(() => {
        if (Math.random() < 0.5) writeFileSync(down, "");
        else rmSync(down, { force: true });
      }, 5);
      return () => {
        clearInterval(flip);
        rmSync(down, { force: true });
      };
    },
  });
  for (const { name, run } of checks) test(name, run, 60_000);
});
