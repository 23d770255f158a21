import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
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
  expect(stdout).toBe(
    `${realpathSync(folder.path)}/node_modules/.bin/node v26.1.0 ${main} run --role two words\n`,
  );
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

test("keeps compiled code in the user's cache, unless told where; a folder that cannot be written is no failure", () => {
  using folder = temporaryFolder();
  const cache = join(folder.path, "cache");
  expect(launch(LAUNCHER, ["version"], { env: { XDG_CACHE_HOME: cache } }).code).toBe(0);
  expect(readdirSync(join(cache, "lifeguard", "compile-cache"))).toHaveLength(1);
  const own = join(folder.path, "own");
  expect(launch(LAUNCHER, ["version"], { env: { NODE_COMPILE_CACHE: own } }).code).toBe(0);
  expect(readdirSync(own)).toHaveLength(1);
  writeFileSync(join(folder.path, "file"), "");
  expect(launch(LAUNCHER, ["version"], { env: { XDG_CACHE_HOME: join(folder.path, "file") } })).toMatchObject(
    { code: 0, stderr: "" },
  );
});
