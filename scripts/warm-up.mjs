import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/*
 * After an install in a checkout: starts lifeguard once on an empty configuration and stops it, so that the cache of compiled code is there
 * when it is first needed. That saves a second and 30 MB at the first start. Whatever goes wrong here is no reason for an install to fail.
 * It is plain JavaScript, because it must run on the machine's own Node.js too.
 */

const LONGEST_MS = 10_000;
const folder = mkdtempSync(join(tmpdir(), "lifeguard-warm-up-"));
const config = join(folder, "monitors.yaml");
writeFileSync(
  config,
  "sources:\n  promises: { directory: . }\nsinks:\n  web: { listen: 127.0.0.1:0 }\n  console: {}\n",
);
const launcher = fileURLToPath(new URL("../bin/lifeguard", import.meta.url));
const child = spawn(launcher, ["run", "--config", config, "--log-level", "info"], {
  stdio: ["ignore", "ignore", "pipe"],
});
const give = setTimeout(() => child.kill("SIGKILL"), LONGEST_MS);
child.stderr.on("data", (text) => {
  if (String(text).includes("http://")) child.kill("SIGTERM");
});
child.on("error", () => {});
child.on("close", () => {
  clearTimeout(give);
  rmSync(folder, { recursive: true, force: true });
});
