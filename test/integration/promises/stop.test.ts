import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Lifeguard } from "../../support/lifeguard.ts";
import { temporaryFolder } from "../../support/temp-folder.ts";
import { until } from "../../support/until.ts";
import { script, write } from "../../unit/sources/promises/executable.ts";

it("a promise that does not listen to TERM does not outlive a lifeguard that stops, and neither does its lock", async () => {
  using folder = temporaryFolder();
  const { path } = folder;
  write(path, "etc/monitor.conf", "[monitor]\nservice-pid-folder = $instance/locks\n");
  script(path, "etc/promise/stubborn", `trap '' TERM; echo $$ > ${path}/pid; while :; do sleep 0.1; done`);
  const lifeguard = new Lifeguard(path, "sources:\n  promises: { monitor_conf: ./etc/monitor.conf }\n");
  lifeguard.start();
  const pid = await until("it runs", () => Number(readFileSync(join(path, "pid"), "utf8")));
  await lifeguard.stop();
  expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  expect(readdirSync(join(path, "locks"))).toEqual([]);
});
