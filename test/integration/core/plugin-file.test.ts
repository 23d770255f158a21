import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Lifeguard } from "../../support/lifeguard.ts";
import { temporaryFolder } from "../../support/temp-folder.ts";
import { until } from "../../support/until.ts";

const plugin = (word: string) => `import { defineSource, z } from "lifeguard/plugin";
import { interval, map } from "rxjs";
export default defineSource({
  name: "mine",
  summary: "mine",
  config: z.object({}),
  events: ["mine.ticked"],
  start: () => interval(20).pipe(map((n) => ({ type: "mine.ticked", subject: "mine/one", status: "ok" as const, message: "${word} " + n }))),
});
`;

test("a user's plugin file is loaded, refused when it is broken while the old one runs on, and reloaded when it is fixed", async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, "mine.ts");
  writeFileSync(file, plugin("first"));
  await using lifeguard = new Lifeguard(
    folder.path,
    "sources:\n  mine: { type: ./mine.ts }\nsinks:\n  web: { listen: 127.0.0.1:0 }\n",
  );
  await lifeguard.ready();
  const url = await lifeguard.url();
  const page = async () => (await fetch(url, { headers: { accept: "text/plain" } })).text();
  const html = async () => (await fetch(url, { headers: { accept: "text/html" } })).text();
  await until("the first version on the page", async () => (await page()).includes("first"));

  // A syntax error: refused with file, line and column; the page says so, and the running version goes on.
  writeFileSync(file, plugin("second").replace("defineSource({", "defineSource(({"));
  await until("the refusal on the page", async () => /mine\.ts:\d+:\d+/.test(await html()));
  const before = await page();
  await until(
    "the old version to tick on",
    async () => (await page()) !== before && (await page()).includes("first"),
  );
  expect(lifeguard.cli("reload").code).toBe(78);
  expect(lifeguard.status()).toMatchObject({ ready: true, configError: expect.stringContaining("mine.ts") });

  writeFileSync(file, plugin("second"));
  await until("the second version on the page", async () => (await page()).includes("second"));
  await until("all well again", () => lifeguard.status()?.configError === null);
  expect(await html()).not.toMatch(/mine\.ts:\d+:\d+/);
  expect(await lifeguard.stop()).toBe(0);
});
