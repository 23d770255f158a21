import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { LAUNCHER, Lifeguard } from "../support/lifeguard.ts";
import { temporaryFolder } from "../support/temp-folder.ts";

const HOOK = fileURLToPath(new URL("../support/signal-at-import.mjs", import.meta.url));
const YAML = "sinks:\n  web: { listen: 127.0.0.1:0 }\n  database: {}\n";

/** Sends a signal while a module is being loaded. */
const signalAt = (module: string, signal = "SIGTERM") => ({
  NODE_OPTIONS: `--import=${HOOK}`,
  SIGNAL: signal,
  SIGNAL_AT: module,
});

/** Runs until it ends by itself, and expects it to have stopped as it was asked to. */
function expectCleanStop(yaml: string, files: Record<string, string>, environment: Record<string, string>) {
  using folder = temporaryFolder();
  const config = join(folder.path, "monitors.yaml");
  for (const [name, text] of Object.entries({ ...files, "monitors.yaml": yaml }))
    writeFileSync(join(folder.path, name), text);
  const data = join(folder.path, "data");
  const { status, signal, stderr } = spawnSync(LAUNCHER, ["run", "--config", config, "--data", data], {
    encoding: "utf8",
    env: { ...process.env, ...environment },
    timeout: 30_000,
    killSignal: "SIGKILL",
  });
  expect({ status, signal }, stderr).toEqual({ status: 0, signal: null });
  expect(stderr).toContain("SIGTERM: stop");
  expect(existsSync(join(data, "control.sock"))).toBe(false);
}

test.each([
  ["the command line", "/cli/program.ts"],
  ["the command", "/cli/run.ts"],
  ["the engine", "/core/pipeline.ts"],
  ["the list of plugins", "/src/builtin.ts"],
  ["a sink", "/sinks/web/index.ts"],
])("SIGTERM while %s is loaded is a clean stop, too", (_, module) => {
  expectCleanStop(YAML, {}, signalAt(module));
});

test.each([
  ["is ready at once", "{}"],
  ["never gets ready", "new Promise(() => {})"],
])("SIGTERM while a sink starts that %s is a clean stop, too", (_, started) => {
  const sink = `import { defineSink, z } from "lifeguard/plugin";
export default defineSink({ name: "telltale", summary: "Ends it", config: z.object({}), start: () => {
  process.kill(process.pid, "SIGTERM");
  return ${started};
} });
`;
  expectCleanStop(`${YAML}  telltale: { type: ./telltale.ts }\n`, { "telltale.ts": sink }, {});
});

test("SIGHUP meanwhile does not end it", async () => {
  using folder = temporaryFolder();
  await using lifeguard = new Lifeguard(folder.path, YAML, {
    environment: signalAt("/cli/program.ts", "SIGHUP"),
  });
  lifeguard.start();
  await lifeguard.url();
  expect(await lifeguard.stop()).toBe(0);
});
