import { existsSync, symlinkSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import promises from "../../../src/sources/promises/index.ts";
import { Harness } from "../../../src/testkit/index.ts";
import { temporaryFolder } from "../../support/temp-folder.ts";
import { until } from "../../support/until.ts";
import { script } from "../../unit/sources/promises/executable.ts";

const FOLDERS = ["/usr/lib/nagios/plugins", "/usr/lib/monitoring-plugins", "/usr/lib64/nagios/plugins"];
const plugins = FOLDERS.find((folder) => existsSync(join(folder, "check_load")));
if (!plugins)
  console.warn(
    `\n  NOT SHOWN: real Nagios plugins as promises. Install the package monitoring-plugins; looked in ${FOLDERS.join(", ")}\n`,
  );

describe.skipIf(!plugins)("plugins of the monitoring-plugins project, unchanged", () => {
  const folder = temporaryFolder();
  let server: Server;
  let harness: Harness;
  beforeAll(async () => {
    server = createServer((_request, response) => response.end("fine")).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as AddressInfo;
    const run = (name: string, words: string) => script(folder.path, `p/${name}`, `exec ${plugins}/${words}`);
    run("check_disk", "check_disk -w 0% -c 0% -p /");
    run("check_disk_full", "check_disk -w 100% -c 100% -p /");
    run("check_load", "check_load -w 1000,1000,1000 -c 2000,2000,2000");
    run("check_load_high", "check_load -w 0,0,0 -c 2000,2000,2000");
    run("check_http", `check_http -I 127.0.0.1 -p ${port}`);
    run("check_http_refused", "check_http -I 127.0.0.1 -p 1");
    run("disk-by-output", "check_disk -w 0% -c 0% -p /");
    symlinkSync(join(plugins as string, "check_http"), join(folder.path, "p/check_usage"));
    harness = await Harness.start({
      sources: { promises: { definition: promises, config: { directory: join(folder.path, "p") } } },
    });
  });
  afterAll(async () => {
    await harness.stop();
    server.close();
    folder[Symbol.dispose]();
  });

  const verdict = (id: string) =>
    until(`a verdict of ${id}`, () => {
      const [state] = harness.board.find(`promise/${id}`);
      return state?.event ? state : undefined;
    });

  it("check_disk is ok, with measures", async () => {
    for (const id of ["check_disk", "disk-by-output"]) {
      const { status, message, measures } = await verdict(id);
      expect([id, status]).toEqual([id, "ok"]);
      expect(message).toMatch(/^DISK OK/);
      expect(measures["/"]).toMatchObject({
        value: expect.any(Number),
        unit: expect.stringMatching(/B$/),
        min: 0,
      });
    }
    expect((await verdict("check_disk_full")).status).toBe("critical");
  });

  it("check_load is ok or warns, with measures", async () => {
    const { status, measures } = await verdict("check_load");
    expect(status).toBe("ok");
    expect(measures).toMatchObject({ load1: { warn: 1000, crit: 2000 }, load5: {}, load15: {} });
    expect(await verdict("check_load_high")).toMatchObject({
      event: { data: { status: expect.stringMatching(/OK|BAD/) } },
    });
  });

  it("check_http is ok, critical where nobody listens, unknown without arguments", async () => {
    expect(await verdict("check_http")).toMatchObject({
      status: "ok",
      measures: { time: { unit: "s" }, size: { unit: "B" } },
    });
    expect((await verdict("check_http_refused")).status).toBe("critical");
    expect(await verdict("check_usage")).toMatchObject({ status: "unknown", state: "UNKNOWN" });
  });
});
