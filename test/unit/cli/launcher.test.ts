import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../support/temp-folder.ts";

const LAUNCHER = fileURLToPath(new URL("../../../bin/lifeguard", import.meta.url));
/** Where `sh`, `readlink` and their kind are, and no Node. */
const TOOLS = ["sh", "readlink"];

/** Runs a launcher with a PATH that has the shell's tools, and what a test puts before them. */
function launch(
  launcher: string,
  words: readonly string[],
  options: { path?: string; cwd?: string; env?: Record<string, string> } = {},
) {
  using tools = temporaryFolder();
  for (const tool of TOOLS) symlinkSync(which(tool), join(tools.path, tool));
  const path = [options.path, tools.path].filter((folder) => folder !== undefined).join(":");
  const { status, stdout, stderr } = spawnSync(launcher, words, {
    cwd: options.cwd,
    encoding: "utf8",
    env: { PATH: path, HOME: tools.path, ...options.env },
  });
  return { code: status, stdout, stderr };
}

function which(tool: string): string {
  const found = (process.env.PATH ?? "")
    .split(":")
    .map((folder) => join(folder, tool))
    .find((file) => existsSync(file));
  if (found === undefined) throw new Error(`no ${tool} here`);
  return realpathSync(found);
}

/** An executable that says that it is some version of Node, and prints what it is told to run. */
function fakeNode(file: string, version: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(
    file,
    `#!/bin/sh\nif [ "$1" = --version ]; then echo "${version}"; else echo "$0 ${version} $*"; fi\n`,
  );
  chmodSync(file, 0o755);
}

/** A copy of the launcher in a package of its own that holds compiled JavaScript only. */
function packageAt(folder: string): string {
  mkdirSync(join(folder, "bin"), { recursive: true });
  mkdirSync(join(folder, "dist"));
  writeFileSync(join(folder, "dist", "main.js"), "");
  copyFileSync(LAUNCHER, join(folder, "bin", "lifeguard"));
  return join(folder, "bin", "lifeguard");
}

test("works from a checkout with no Node on PATH, from any working directory", () => {
  const { code, stdout } = launch(LAUNCHER, ["version"], { cwd: "/" });
  expect(stdout).toMatch(/^lifeguard \d+\.\d+\.\d+ \(Node\.js v2[4-9]/);
  expect(code).toBe(0);
});

test("stopped before it has found a Node, run ends cleanly, and another command as a command does", () => {
  using folder = temporaryFolder();
  const node = join(folder.path, "node_modules", ".bin", "node");
  fakeNode(node, "v26.0.0");
  const saying = readFileSync(node, "utf8");
  writeFileSync(node, saying.replace("then echo", "then kill -TERM $PPID; echo"));
  const launcher = packageAt(folder.path);
  expect(launch(launcher, ["run"])).toEqual({ code: 0, stdout: "", stderr: "" });
  expect(launch(launcher, ["status"])).toEqual({ code: null, stdout: "", stderr: "" });
});

test("follows links to links, absolute and relative, through linked folders", () => {
  using folder = temporaryFolder();
  mkdirSync(join(folder.path, "a"));
  symlinkSync(LAUNCHER, join(folder.path, "a", "first"));
  symlinkSync("a", join(folder.path, "b"));
  symlinkSync("b/first", join(folder.path, "second"));
  expect(launch(join(folder.path, "second"), ["version"]).stdout).toMatch(/^lifeguard /);
});

test("finds a Node that npm put further up the tree, and runs compiled JavaScript where there is no source", () => {
  using folder = temporaryFolder();
  const launcher = packageAt(join(folder.path, "node_modules", "lifeguard"));
  const node = join(folder.path, "node_modules", ".bin", "node");
  fakeNode(node, "v26.1.0");
  const { stdout } = launch(launcher, ["run", "--role", "two words"]);
  const main = join(realpathSync(folder.path), "node_modules", "lifeguard", "dist", "main.js");
  // Which flags Node is given is the launcher's own business.
  expect(stdout).toSatisfy((text: string) =>
    text.startsWith(`${realpathSync(folder.path)}/node_modules/.bin/node v26.1.0 --`),
  );
  expect(stdout).toSatisfy((text: string) => text.endsWith(` ${main} run --role two words\n`));
});

test("passes over a Node that is too old, and takes one on PATH that is not", () => {
  using folder = temporaryFolder();
  const launcher = packageAt(join(folder.path, "node_modules", "lifeguard"));
  fakeNode(join(folder.path, "node_modules", ".bin", "node"), "v20.19.0");
  fakeNode(join(folder.path, "path", "node"), "v24.0.0");
  expect(launch(launcher, ["run"], { path: join(folder.path, "path") }).stdout).toContain("v24.0.0");
});

test("without any usable Node says so, and what to do", () => {
  using folder = temporaryFolder();
  const launcher = packageAt(folder.path);
  fakeNode(join(folder.path, "path", "node"), "v22.9.0");
  const { code, stderr } = launch(launcher, ["run"], { path: join(folder.path, "path") });
  expect(code).toBe(1);
  expect(stderr).toMatch(/no Node\.js of version 24 or newer found: run "npm install"/);
});

test("keeps compiled code beside the dependencies of a checkout, else in the user's cache, unless told where", () => {
  using folder = temporaryFolder();
  const launcher = packageAt(folder.path);
  const node = dirname(process.execPath);
  const cacheOf = (env: Record<string, string> = {}) => {
    writeFileSync(
      join(folder.path, "dist", "main.js"),
      'console.log(require("node:module").getCompileCacheDir() ?? "none")',
    );
    const { code, stdout, stderr } = launch(launcher, [], { path: node, env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    return dirname(stdout.trim());
  };
  const user = join(folder.path, "user");
  expect(cacheOf({ XDG_CACHE_HOME: user })).toBe(join(user, "lifeguard", "compile-cache"));
  expect(cacheOf({ XDG_CACHE_HOME: user, NODE_COMPILE_CACHE: join(folder.path, "told") })).toBe(
    join(folder.path, "told"),
  );
  // A folder that cannot be written is no failure.
  writeFileSync(join(folder.path, "file"), "");
  expect(cacheOf({ XDG_CACHE_HOME: join(folder.path, "file") })).toBe(".");
  mkdirSync(join(folder.path, "node_modules"));
  expect(cacheOf({ XDG_CACHE_HOME: user })).toBe(
    join(realpathSync(folder.path), "node_modules", ".cache", "lifeguard", "compile-cache"),
  );
});

test("children do not inherit the cache that the launcher chose, but one that the user chose", () => {
  using folder = temporaryFolder();
  writeFileSync(
    join(folder.path, "spy.ts"),
    `import { defineSink, z } from "lifeguard/plugin";
console.error("cache:" + (process.env.NODE_COMPILE_CACHE ?? "none"));
export default defineSink({ name: "spy", summary: "Tells", config: z.object({}), start: () => ({ async close() {} }) });\n`,
  );
  writeFileSync(join(folder.path, "monitors.yaml"), "sinks:\n  spy: { type: ./spy.ts }\n");
  const told = join(folder.path, "told");
  const validate = (env = {}) => launch(LAUNCHER, ["validate"], { cwd: folder.path, env }).stderr;
  expect(validate()).toContain("cache:none");
  expect(validate({ NODE_COMPILE_CACHE: told })).toContain(`cache:${told}`);
});
