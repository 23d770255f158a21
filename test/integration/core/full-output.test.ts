import { spawn } from "node:child_process";
import { once } from "node:events";
import { openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { LAUNCHER } from "../../support/lifeguard.ts";
import { temporaryFolder } from "../../support/temp-folder.ts";
import { until } from "../../support/until.ts";

test("a full standard output is a trouble of the console sink alone, told as its own", {
  skip: process.platform !== "linux",
}, async () => {
  using folder = temporaryFolder();
  writeFileSync(
    join(folder.path, "ticking.ts"),
    `import { defineSource, z } from "lifeguard/plugin";
import { interval, map } from "rxjs";
export default defineSource({ name: "ticking", summary: "Ticks", config: z.object({}), events: ["tick.ticked"],
  start: () => interval(50).pipe(map(() => ({ type: "tick.ticked", subject: "tick/one", status: "ok" as const, message: "tick" }))) });\n`,
  );
  const config = join(folder.path, "monitors.yaml");
  writeFileSync(
    config,
    "sources:\n  ticking: { type: ./ticking.ts }\nsinks:\n  console: { retry: { initial: 10ms, max: 20ms } }\n",
  );
  const child = spawn(LAUNCHER, ["run", "--config", config, "--log-level", "debug"], {
    stdio: ["ignore", openSync("/dev/full", "w"), "pipe"],
  });
  let log = "";
  child.stderr?.on("data", (text) => {
    log += text;
  });
  await until("two failed writes", () => log.split("a write failed").length > 2);
  child.kill("SIGTERM");
  await once(child, "exit");
  expect(log).not.toContain("outside every component");
});
