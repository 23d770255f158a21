import { execFile } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The newest that were tried together. */
const PACKAGES = ["keystone==30.0.0", "tacker==16.0.0", "gunicorn", "setuptools<80"];
const NAME = "openstack-keystone-30.0.0-tacker-16.0.0";

/** Milliseconds that pip may take; uv takes a tenth of it. */
const PATIENCE = 900_000;

/** A Python environment with Keystone and Tacker, built once and kept in the cache; or why there can be none here. */
export async function openstackVenv(): Promise<{ readonly root: string } | { readonly missing: string }> {
  const cache = process.env.LIFEGUARD_TEST_CACHE ?? join(homedir(), ".cache", "lifeguard-test");
  const folder = join(cache, NAME);
  const root = join(folder, "venv");
  const complete = join(folder, "complete");
  if (existsSync(complete)) return { root };
  const version = await run("python3", [
    "-c",
    "import sys, venv; print(*sys.version_info[:2], sep='.')",
  ]).catch(() => undefined);
  if (!version) return { missing: "python3 with its venv module" };
  try {
    // What a build that was cut short left.
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    await run("python3", ["-m", "venv", root], { timeout: PATIENCE });
    const python = join(root, "bin", "python");
    const options = { timeout: PATIENCE, maxBuffer: 64 * 1024 * 1024 };
    await run(python, ["-m", "pip", "install", "--quiet", "uv"], options);
    await run(
      join(root, "bin", "uv"),
      ["pip", "install", "--quiet", "--python", python, ...PACKAGES],
      options,
    );
    writeFileSync(complete, "");
    return { root };
  } catch (error) {
    return { missing: `${PACKAGES.join(", ")}, which could not be installed: ${(error as Error).message}` };
  }
}
