import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { LAUNCHER, Lifeguard } from "../support/lifeguard.ts";
import { temporaryFolder } from "../support/temp-folder.ts";

const README = readFileSync(fileURLToPath(new URL("../../README.md", import.meta.url)), "utf8");

/** The code blocks of a language. */
function blocks(language: string): string[] {
  return [...README.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "gm"))].map(
    ([, code]) => code as string,
  );
}

test("the configuration that the README shows is valid", () => {
  using folder = temporaryFolder();
  const [shown = ""] = blocks("yaml");
  writeFileSync(join(folder.path, "monitors.yaml"), shown);
  const { status, stdout } = spawnSync(LAUNCHER, ["validate"], { cwd: folder.path, encoding: "utf8" });
  expect(status, stdout).toBe(0);
});

test("the source that the README shows runs as it stands", () => {
  using folder = temporaryFolder();
  const [source = ""] = blocks("ts");
  const [, yaml = ""] = blocks("yaml");
  writeFileSync(join(folder.path, "memory.ts"), source);
  const { code, stdout, stderr } = new Lifeguard(folder.path, yaml).cli("check", "memory/free");
  expect(stdout, stderr).toMatch(/^(?:OK|CRITICAL) - memory\/free: \d+ % free/);
  expect([0, 2]).toContain(code);
});
