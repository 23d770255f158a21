import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineSource, z } from "lifeguard/plugin";
import { expect, test } from "vitest";
import { createLogger } from "../../../../src/core/log.ts";
import { Reloader } from "../../../../src/core/pipeline/reloader.ts";
import { Pipeline } from "../../../../src/core/pipeline.ts";
import { systemClock } from "../../../../src/core/system-clock.ts";
import { testConfig } from "../../../../src/testkit/test-config.ts";

test("what could not start is told with its reason, and tried again by command, but not by a look at the same file", async () => {
  const dataDirectory = mkdtempSync(join(tmpdir(), "lifeguard-reloader-"));
  let free = false;
  let starts = 0;
  const definition = defineSource({
    name: "taken",
    summary: "Needs a port",
    config: z.object({ port: z.number() }),
    events: ["taken.seen"],
    start({ port }) {
      starts++;
      if (port === 2 && !free) throw new Error("port 2 is taken");
    },
  });
  const configWith = (port: number) => ({
    ...testConfig(
      { sources: { a: { definition, config: { port } } } },
      { dataDirectory, memory: true, baseDirectory: dataDirectory, shutdownTimeout: 5000 },
    ),
    hash: `port ${port}`,
  });
  const log = await createLogger({ level: "silent" });
  const pipeline = await Pipeline.start({ config: configWith(1), clock: systemClock, log });
  const reloader = new Reloader({
    pipeline,
    load: async () => ({ ok: true, config: configWith(2), notices: [], texts: new Map() }),
    print: () => "",
    onConfig: () => {},
    clock: systemClock,
    log,
  });
  try {
    expect(await reloader.reload("command")).toMatchObject({
      result: "refused",
      message: expect.stringMatching(/run as before: source a \(port 2 is taken/),
    });
    expect(pipeline.health.configError()).toContain("port 2 is taken");
    expect(starts).toBe(3);
    free = true;
    expect(await reloader.reload("file change")).toEqual({ result: "unchanged" });
    expect(starts).toBe(3);
    expect(await reloader.reload("SIGHUP")).toMatchObject({ result: "reloaded" });
    expect(starts).toBe(4);
    expect(pipeline.health.configError()).toBeNull();
    expect(await reloader.reload("command")).toEqual({ result: "unchanged" });
  } finally {
    await reloader.stop();
    await pipeline.stop();
    rmSync(dataDirectory, { recursive: true, force: true });
  }
});
