import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { globSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { temporaryFolder } from "../support/temp-folder.ts";
import { until } from "../support/until.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const folder = temporaryFolder();
let files: string[] = [];

/** npm by the Node of the shell, as somebody who installs the package has it. */
function npm(cwd: string, ...words: string[]): string {
  return execFileSync("npm", words, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
}

beforeAll(() => {
  const [packed] = JSON.parse(npm(ROOT, "pack", "--json", "--silent", "--pack-destination", folder.path)) as {
    filename: string;
    files: { path: string }[];
  }[];
  if (!packed) throw new Error("npm pack packed nothing");
  files = packed.files.map(({ path }) => path);
  writeFileSync(join(folder.path, "package.json"), '{ "private": true }');
  npm(
    folder.path,
    "install",
    "--no-audit",
    "--no-fund",
    "--prefer-offline",
    join(folder.path, packed.filename),
  );
});
afterAll(() => folder[Symbol.dispose]());

test("the package holds the compiled program, the examples and what they need, and nothing else", () => {
  for (const file of [
    "bin/lifeguard",
    "dist/main.js",
    "dist/plugin/index.js",
    "dist/plugin/index.d.ts",
    "monitors.yaml",
    "docs/monitors.schema.json",
    "README.md",
    "LICENSE",
    "CHANGELOG.md",
  ])
    expect(files).toContain(file);
  expect(files.filter((file) => /^(?:src|test|bench|scripts|data|node_modules)\//.test(file))).toEqual([]);
  expect(files.filter((file) => file.startsWith("dist/") && /(?<!\.d)\.ts$/.test(file))).toEqual([]);
  const assets = globSync("src/**/*", { cwd: ROOT, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.(?:ts|md)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(join(ROOT, "src").length));
  expect(assets.length).toBeGreaterThan(0);
  for (const asset of assets) expect(files).toContain(`dist${asset}`);
});

test("installed in an empty folder it runs the examples and a plugin file, answers every address, and stops cleanly", async () => {
  const port = await freePort();
  writeFileSync(
    join(folder.path, "mine.ts"),
    `import { defineSource, z } from "lifeguard/plugin";
import { of } from "rxjs";
export default defineSource({ name: "mine", summary: "Says hello", config: z.object({ word: z.string() }), events: ["mine.said"],
  start: ({ word }) => of({ type: "mine.said", subject: "mine/hello", status: "ok" as const, message: word }) });\n`,
  );
  writeFileSync(
    join(folder.path, "monitors.yaml"),
    `title: Installed
sources:
  promises: { directory: ./node_modules/lifeguard/examples/promises }
  mine: { type: ./mine.ts, word: good morning }
sinks:
  web: { listen: "127.0.0.1:${port}" }
  alarms: { type: console, from: { on: change } }
`,
  );
  const child = spawn("npx", ["lifeguard", "run"], {
    cwd: folder.path,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (text) => {
      output = (output + text).slice(-100_000);
    });
  try {
    const base = `http://127.0.0.1:${port}`;
    const get = async (path: string, accept = "*/*") => {
      const response = await fetch(`${base}${path}`, { headers: { accept }, redirect: "manual" });
      return {
        code: response.status,
        type: response.headers.get("content-type") ?? "",
        text: await response.text(),
      };
    };
    await until(`results; its output: ${output}`, async () => {
      const { text } = await get("/", "text/plain");
      return text.includes("good morning") && (text.match(/^\w+\s+promise\//gm)?.length ?? 0) >= 8;
    });
    const subjects = status().subjects.map(({ subject }) => subject);
    expect(subjects).toContain("mine/hello");
    expect(subjects).toContain("promise/uptime");
    const service = "uptime";

    expect(await get("/", "text/html")).toMatchObject({
      code: 200,
      type: expect.stringContaining("text/html"),
      text: expect.stringContaining("Installed"),
    });
    expect(await get("/", "application/hal+json")).toMatchObject({
      code: 200,
      type: expect.stringContaining("application/hal+json"),
    });
    expect(await get("/", "application/rss+xml")).toMatchObject({
      code: 200,
      type: expect.stringContaining("application/rss+xml"),
    });
    for (const root of ["", "/m/promises"]) {
      expect((await get(`${root}/monitor.haljson`)).code, root).toBe(200);
      expect((await get(`${root}/feed`)).code, root).toBe(200);
      expect((await get(`${root}/public/${service}.status.json`)).code, root).toBe(200);
      expect((await get(`${root}/public/${service}/index.html`)).code, root).toBe(200);
    }
    expect((await get("/livez")).code).toBe(200);
    expect((await get("/readyz")).code).toBe(200);
    expect((await get("/metrics")).text).toContain("lifeguard_");
    expect((await get(`/cgi-bin/monitor-run-promise.cgi?service=${service}`)).code).toBe(405);
    const rerun = await fetch(`${base}/cgi-bin/monitor-run-promise.cgi?service=${service}`, {
      method: "POST",
    });
    expect(rerun.ok).toBe(true);
    for (const [, asset] of (await get("/", "text/html")).text.matchAll(
      /(?:href|src)="(\/[^"]+\.(?:css|js|svg)[^"]*)"/g,
    ))
      expect((await get(asset as string)).code, asset).toBe(200);
    const stream = await fetch(`${base}/events`, { headers: { accept: "text/event-stream" } });
    expect(stream.headers.get("content-type")).toContain("text/event-stream");
    await stream.body?.cancel();

    const exit = once(child, "exit");
    process.kill(status().pid, "SIGTERM");
    expect((await exit)[0], output).toBe(0);
  } finally {
    if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  }
});

/** What `lifeguard status` says; its exit code is the worst verdict, and an example fails on purpose. */
function status(): { readonly pid: number; readonly subjects: readonly { readonly subject: string }[] } {
  const { stdout } = spawnSync("npx", ["lifeguard", "status", "-o", "json"], {
    cwd: folder.path,
    encoding: "utf8",
  });
  return JSON.parse(stdout);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}
