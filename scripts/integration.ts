import { spawnSync } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/*
 * Runs the tests that need more than Node: real servers, the built program, a browser. Each area is a folder.
 *   npm run test:integration                 all areas
 *   npm run test:integration -- core web     these
 */

const root = fileURLToPath(new URL("..", import.meta.url));
const areas = new Map<string, string>();
for (const folder of ["test/e2e", "test/browser", ...globSync("test/integration/*/", { cwd: root })])
  if (globSync(`${folder}/**/*.test.ts`, { cwd: root }).length > 0)
    areas.set(folder.replace(/\/$/, "").split("/").at(-1) as string, folder);

const words = process.argv.slice(2);
const wanted = words.filter((word) => !word.startsWith("-"));
const unknown = wanted.filter((area) => !areas.has(area));
if (unknown.length > 0) {
  console.error(`no area ${unknown.join(", ")}: there are ${[...areas.keys()].join(", ")}`);
  process.exit(2);
}
const folders = (wanted.length > 0 ? wanted : [...areas.keys()]).map((area) => areas.get(area) as string);
const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
if (!existsSync(vitest)) throw new Error("vitest is not installed: run npm install");
const { status } = spawnSync(
  process.execPath,
  [vitest, "run", "--project", "integration", ...words.filter((word) => word.startsWith("-")), ...folders],
  { cwd: root, stdio: "inherit" },
);
process.exit(status ?? 1);
