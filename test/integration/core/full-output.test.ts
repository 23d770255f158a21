import { spawn } from "node:child_process";
import { once } from "node:events";
import { openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { LAUNCHER, Lifeguard } from "../../support/lifeguard.ts";
import { temporaryFolder } from "../../support/temp-folder.ts";
import { until } from "../../support/until.ts";

const TICKING = `import { defineSource, z } from "lifeguard/plugin";
import { interval, map } from "rxjs";
export default defineSource({ name: "ticking", summary: "Ticks", config: z.object({}), events: ["tick.ticked"],
  start: () => interval(50).pipe(map(() => ({ type: "tick.ticked", subject: "tick/one", status: "ok" as const, message: "tick" }))) });\n`;

test("a full standard output is a trouble of the console sink alone, told as its own", {
  skip: process.platform !== "linux",
}, async () => {
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, "ticking.ts"), TICKING);
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

test("a log that nobody reads any more costs nothing and ends nothing", {
  skip: process.platform !== "linux",
}, async () => {
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, "ticking.ts"), TICKING);
  const good = "sources:\n  ticking: { type: ./ticking.ts }\nsinks: {}\n";
  await using lifeguard = new Lifeguard(folder.path, good);
  await lifeguard.ready();
  lifeguard.closeOutput();
  // Something to log, and to log again when the first was met by a broken pipe.
  lifeguard.configure(`${good}odd: 1\n`);
  await until("the refusal", () => lifeguard.status()?.configError?.includes("odd"));
  rmSync(lifeguard.config);
  await until("the loss", () => lifeguard.status()?.configError?.includes("odd") === false);
  const head = lifeguard.status()?.head ?? 0;
  const began = { cpu: cpuOf(lifeguard.pid), at: performance.now() };
  await until("a second of events", () => (lifeguard.status()?.head ?? 0) > head + 20);
  expect(cpuOf(lifeguard.pid) - began.cpu).toBeLessThan((performance.now() - began.at) / 2);
});

/** Processor time of a process in milliseconds: fields 14 and 15 of proc(5), in ticks of 10 ms. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  return 10 * (Number(fields[11]) + Number(fields[12]));
}
