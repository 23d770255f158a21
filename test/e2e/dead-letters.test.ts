import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Lifeguard } from "../support/lifeguard.ts";
import { temporaryFolder } from "../support/temp-folder.ts";
import { until } from "../support/until.ts";

/** A sink that refuses everything for good while a file exists. */
const PICKY = `import { existsSync } from "node:fs";
import { defineSink, PermanentError, z } from "lifeguard/plugin";
export default defineSink({ name: "picky", summary: "Refuses", config: z.object({ refuse: z.string() }),
  start: ({ refuse }) => ({
    async write() { if (existsSync(refuse)) throw new PermanentError("not to my taste"); },
    async close() {},
  }) });
`;

/** Three events, then nothing. */
const THREE = `import { defineSource, z } from "lifeguard/plugin";
import { of } from "rxjs";
export default defineSource({ name: "three", summary: "Three events", config: z.object({}), events: ["three.seen"],
  start: () => of(...["a", "b", "c"].map((name) => ({ type: "three.seen", subject: "three/" + name, status: "ok" as const, message: name }))) });
`;

test("dead letters are listed, replayed to a sink that takes them now, and dropped", async () => {
  using folder = temporaryFolder();
  const refuse = join(folder.path, "refuse");
  writeFileSync(refuse, "");
  writeFileSync(join(folder.path, "picky.ts"), PICKY);
  writeFileSync(join(folder.path, "three.ts"), THREE);
  await using lifeguard = new Lifeguard(
    folder.path,
    `sources:\n  three: { type: ./three.ts }\nsinks:\n  picky: { type: ./picky.ts, refuse: ${refuse} }\n`,
  );
  await lifeguard.ready();
  const list = () =>
    lifeguard
      .cli("dead-letters", "list", "picky", "-o", "json")
      .stdout.split("\n")
      .filter((line) => line !== "");
  await until("three dead letters", () => list().length === 3);
  expect(lifeguard.cli("dead-letters", "list").stdout).toMatch(/three\/a\s+three\.seen\s+not to my taste/);
  const [first] = list().map((line) => JSON.parse(line) as { id: number; event: { subject: string } });
  expect(first?.event.subject).toBe("three/a");

  expect(lifeguard.cli("dead-letters", "replay", "picky")).toMatchObject({
    code: 1,
    stdout: expect.stringContaining("3 refused again"),
  });
  rmSync(refuse);
  expect(lifeguard.cli("dead-letters", "replay", "picky", String(first?.id))).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("1 accepted"),
  });
  expect(list()).toHaveLength(2);
  expect(lifeguard.cli("dead-letters", "drop", "picky")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("--all"),
  });
  expect(lifeguard.cli("dead-letters", "drop", "picky", "--all").stdout).toBe("2 dropped\n");
  expect(list()).toHaveLength(0);
});

test("what a plugin throws from a timer of its own harms nothing else", async () => {
  using folder = temporaryFolder();
  writeFileSync(
    join(folder.path, "stray.ts"),
    `import { defineSource, z } from "lifeguard/plugin";
import { of } from "rxjs";
export default defineSource({ name: "stray", summary: "Throws", config: z.object({}), events: ["stray.seen"],
  start() { setTimeout(() => { throw new Error("astray"); }, 10); void Promise.reject(new Error("unheard")); return of(); } });\n`,
  );
  await using lifeguard = new Lifeguard(
    folder.path,
    "sources:\n  stray: { type: ./stray.ts }\nsinks:\n  web: { listen: 127.0.0.1:0 }\n",
  );
  await lifeguard.ready();
  await until(
    "both errors in the log",
    () => lifeguard.output.includes("astray") && lifeguard.output.includes("unheard"),
  );
  expect((await fetch(`${await lifeguard.url()}livez`)).status).toBe(200);
  expect(await lifeguard.stop()).toBe(0);
});
