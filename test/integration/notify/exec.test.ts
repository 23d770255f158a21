import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Lifeguard } from "../../support/lifeguard.ts";
import { temporaryFolder } from "../../support/temp-folder.ts";
import { until } from "../../support/until.ts";

const FIXTURES = new URL("../../fixtures/", import.meta.url).pathname;

test("an executable tells everything once, over a failure of its own and kill -9; own health can be told, too", async () => {
  using folder = temporaryFolder();
  const [script, out, down, tell] = ["script", "out", "down", "tell"].map((name) =>
    join(folder.path, name),
  ) as [string, string, string, string];
  writeFileSync(
    tell,
    `#!/bin/sh\ntest ! -e ${down} || { echo the pager is off >&2; exit 1; }\ncat >> ${out}\n`,
    {
      mode: 0o755,
    },
  );
  const say = (...lines: string[]) => appendFileSync(script, lines.map((line) => `${line}\n`).join(""));
  const told = () =>
    (existsSync(out) ? readFileSync(out, "utf8").split("\n").slice(0, -1) : [])
      .flatMap((line) => (JSON.parse(line) as { items: { subject: string; kind: string }[] }).items)
      .map(({ subject, kind }) => `${subject} ${kind}`);
  const monitors = (every: string) => `
sources:
  script: { type: ${FIXTURES}script-source.ts, file: ${script} }
  ${every}
sinks:
  pager:
    type: notify
    exec: { command: ${tell} }
    group_wait: 100ms
    backoff: { initial: 50ms, max: 200ms }
    batch: { max_wait: 10ms }
    from: { types: ["script.*", "lifeguard.component.*"] }
`;
  await using lifeguard = new Lifeguard(folder.path, monitors(""));
  await lifeguard.ready();
  say("svc/a critical", "svc/b warning");
  await until("both to be told", () => told().length === 2);
  writeFileSync(down, "");
  say("svc/a ok", "svc/c critical");
  await until("the trouble to show", () =>
    lifeguard
      .status()
      ?.components.some(({ id, message }) => id === "sink/pager" && message.includes("the pager is off")),
  );
  await lifeguard.crash();
  lifeguard.start();
  await until("it to run again", () => lifeguard.status());
  rmSync(down);
  await until("the rest", () => told().filter((one) => one.startsWith("svc/")).length === 4);
  expect(
    told()
      .filter((one) => one.startsWith("svc/"))
      .toSorted(),
  ).toEqual(["svc/a down", "svc/a recovered", "svc/b down", "svc/c down"]);
  // A source that cannot start is told as any other thing that is not ok.
  const broken = join(folder.path, "broken.ts");
  writeFileSync(
    broken,
    `import { defineSource, z } from "lifeguard/plugin";
export default defineSource({ name: "broken", summary: "Never starts", config: z.object({}), events: ["broken.told"],
  start() { throw new Error("no way"); } });
`,
  );
  lifeguard.configure(monitors(`broken: { type: ${broken} }`));
  await until("the broken source to be told", () => told().includes("source/broken down"));
  await lifeguard.stop();
});
