import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { Lifeguard } from "../../support/lifeguard.ts";
import { temporaryFolder } from "../../support/temp-folder.ts";
import { until } from "../../support/until.ts";
import { script, write } from "../../unit/sources/promises/executable.ts";

it.each(["monitor.conf says where locks go", "nothing says where locks go"])(
  "a promise never runs twice at a time, however often lifeguard is killed, nor beside another lifeguard; %s",
  async (where) => {
    using folder = temporaryFolder();
    const { path } = folder;
    write(
      path,
      "i/etc/monitor.conf",
      "[monitor]\nservice-pid-folder = $instance/pid\npublic-folder = $instance/public\n",
    );
    script(
      path,
      "i/etc/promise/slow",
      `mkdir ${path}/inside 2>/dev/null || echo overlap >> ${path}/overlaps
echo run >> ${path}/runs
sleep 0.7
rmdir ${path}/inside`,
    );
    const named = where.startsWith("monitor.conf");
    const place = named ? `monitor_conf: ${path}/i/etc/monitor.conf` : `directory: ${path}/i/etc/promise`;
    const yaml = `sources:\n  promises: { ${place}, interval: 1s, jitter: 0s }\n`;
    const other = join(path, "other");
    write(other, "empty", "");
    await using first = new Lifeguard(path, yaml);
    await using second = new Lifeguard(other, yaml);
    second.start();
    const runs = () =>
      existsSync(join(path, "runs")) ? readFileSync(join(path, "runs"), "utf8").split("\n").length - 1 : 0;
    for (let round = 0; round < 8; round++) {
      first.start();
      const before = runs();
      await until("it runs", () => runs() > before);
      // At a random moment: chance is the point of this test, not a wait for something.
      await sleep(Math.random() * 900);
      await first.crash();
    }
    const before = runs();
    await until("it still runs", () => runs() > before + 2);
    await second.stop();
    expect(existsSync(join(path, "overlaps"))).toBe(false);
    if (named)
      expect(readdirSync(join(path, "i/pid")).filter((name) => name.endsWith(".takeover"))).toEqual([]);
  },
);
