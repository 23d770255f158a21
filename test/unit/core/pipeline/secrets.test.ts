import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineSink, defineSource, PermanentError, z } from "lifeguard/plugin";
import { expect, test } from "vitest";
import { createLogger } from "../../../../src/core/log.ts";
import { Pipeline } from "../../../../src/core/pipeline.ts";
import { systemClock } from "../../../../src/core/system-clock.ts";
import { testConfig } from "../../../../src/testkit/test-config.ts";

const SECRET = "hunter2-and-more";

const broken = defineSource({
  name: "broken",
  summary: "Tells its password when it fails",
  config: z.object({}),
  events: ["broken.seen"],
  start() {
    throw new Error(`cannot log in with ${SECRET}`);
  },
});

const probing = defineSource({
  name: "probing",
  summary: "Tells its password when it cannot measure",
  config: z.object({}),
  events: ["probing.seen"],
  start(_, ctx) {
    ctx.monitors.register({
      id: "one",
      subject: "probing/one",
      schedule: { every: 60_000 },
      timeout: 1000,
      probe: async () => {
        throw new Error(`refused: ${SECRET}`);
      },
    });
  },
});

const refusing = defineSink({
  name: "refusing",
  summary: "Tells its password when it refuses",
  config: z.object({}),
  start: () => ({
    async write() {
      throw new PermanentError(`not with ${SECRET}`);
    },
    async close() {},
  }),
});

test("what plugins say when they fail shows no secret: components, events, dead letters, what a command answers", async () => {
  const dataDirectory = mkdtempSync(join(tmpdir(), "lifeguard-secrets-"));
  const lines: string[] = [];
  const log = await createLogger({
    destination: { write: (line) => lines.push(line) },
    secrets: new Set([SECRET]),
  });
  const config = testConfig(
    {
      sources: { broken: { definition: broken }, probing: { definition: probing } },
      sinks: { refusing: { definition: refusing, from: { types: ["*", "lifeguard.*"] } } },
    },
    { dataDirectory, memory: true, baseDirectory: dataDirectory, shutdownTimeout: 5000 },
  );
  const pipeline = await Pipeline.start({ config, clock: systemClock, log });
  try {
    const { board, commands, journal } = pipeline.engine;
    const letters = () => pipeline.deadLetters.list("refusing", 10);
    await expect.poll(() => letters().length).toBeGreaterThan(1);
    await expect
      .poll(() => board.find("probing/one")[0]?.message)
      .toBe("could not measure: refused: [redacted]");
    const answer = await commands.send("probing/one", "run");
    const told = JSON.stringify([
      pipeline.health.components(),
      journal.read(0, 1000, 2 ** 20),
      letters(),
      answer,
      lines,
    ]);
    expect(told).toContain("cannot log in with [redacted]");
    expect(told).toContain("not with [redacted]");
    expect(told).not.toContain(SECRET);
  } finally {
    await pipeline.stop();
    rmSync(dataDirectory, { recursive: true, force: true });
  }
});
