import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sourceContract } from "lifeguard/testkit";
import { afterAll, afterEach, beforeEach, describe, test, vi } from "vitest";
import { SPAWN_VARIABLE } from "../../src/sources/promises/choose-runner.ts";
import promises from "../../src/sources/promises/index.ts";

const folder = mkdtempSync(join(tmpdir(), "lifeguard-promises-"));
const directory = join(folder, "p");
mkdirSync(directory);
const promise = join(directory, "fine");
writeFileSync(promise, "#!/bin/sh\necho all is fine\n");
chmodSync(promise, 0o755);
// Still running whenever the source is to stop.
const slow = join(directory, "slow");
writeFileSync(slow, "#!/bin/sh\ntrap '' TERM\nwhile :; do sleep 0.05; done\n");
chmodSync(slow, 0o755);
// Its locks should go where a file is, so that lifeguard cannot make sure that nobody else runs the promise.
const conf = join(folder, "monitor.conf");
writeFileSync(conf, `[monitor]\nservice-pid-folder = ${promise}\n`);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(["posix_spawn", "child_process"])("the source promises, by %s, keeps the contract", (way) => {
  beforeEach(() => void vi.stubEnv(SPAWN_VARIABLE, way));
  afterEach(() => void vi.unstubAllEnvs());
  const checks = sourceContract({
    definition: promises,
    config: () => ({ directory, interval: "1s" }),
    cannotMeasure: () => ({ directory, monitor_conf: conf, interval: "1s" }),
    disturb() {
      writeFileSync(promise, "#!/no/such/interpreter\n");
      return () => writeFileSync(promise, "#!/bin/sh\necho fine again\n");
    },
  });
  for (const { name, run } of checks) test(name, run, 30_000);
});
