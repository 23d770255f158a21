import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { SinkDefinition, SourceDefinition } from "../../src/plugin/index.ts";
import { sinkContract, sourceContract } from "../../src/testkit/index.ts";
import { LAUNCHER, Lifeguard } from "../support/lifeguard.ts";
import { temporaryFolder } from "../support/temp-folder.ts";

const page = (name: string) => readFileSync(fileURLToPath(new URL(`../../${name}`, import.meta.url)), "utf8");
const README = page("README.md");
const PLUGINS = page("docs/plugins.md");

/** The code blocks of a language. */
function blocks(language: string, text = README): string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "gm"))].map(
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

test("the source that the README shows fulfils the contract of sources", async () => {
  using folder = temporaryFolder();
  const definition = await load<SourceDefinition>(folder.path, blocks("ts")[0]);
  for (const { run } of sourceContract({ definition, config: () => ({ every: "1s" }) })) await run();
});

test("the sink that docs/plugins.md shows fulfils the contract of sinks", async () => {
  using folder = temporaryFolder();
  const [, sink] = blocks("ts", PLUGINS);
  const definition = await load<SinkDefinition>(folder.path, sink);
  let file = "";
  const config = () => {
    file = join(folder.path, `${randomUUID()}.log`);
    return { path: file };
  };
  const arrived = () =>
    existsSync(file)
      ? readFileSync(file, "utf8")
          .split("\n")
          .filter((line) => line !== "")
          .map((line) => line.split(" ")[2] as string)
      : [];
  for (const { run } of sinkContract({ definition, config, arrived })) await run();
});

/** Loads a plugin as it stands on the page. */
async function load<Definition>(folder: string, text = ""): Promise<Definition> {
  const file = join(folder, "plugin.ts");
  writeFileSync(file, text);
  return ((await import(file)) as { default: Definition }).default;
}
