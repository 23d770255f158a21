import { afterAll, describe, it } from "vitest";
import promises from "../../../../src/sources/promises/index.ts";
import { sourceContract } from "../../../../src/testkit/index.ts";
import { temporaryFolder } from "../../../support/temp-folder.ts";
import { script, write } from "./executable.ts";

const folder = temporaryFolder();
afterAll(() => folder[Symbol.dispose]());
script(folder.path, "p/fine", "echo fine");
script(folder.path, "p/slow", "sleep 30");
script(folder.path, "q/etc/promise/locked", "exit 0");
// Nobody can make a lock below a file.
write(folder.path, "q/etc/monitor.conf", "[monitor]\nservice-pid-folder = $instance/etc/monitor.conf\n");

describe("source promises, by the contract of every source", () => {
  const checks = sourceContract({
    definition: promises,
    config: () => ({ directory: `${folder.path}/p`, interval: "1s", jitter: "0s" }),
    cannotMeasure: () => ({ monitor_conf: `${folder.path}/q/etc/monitor.conf` }),
  });
  for (const { name, run } of checks) it(name, run);
});
