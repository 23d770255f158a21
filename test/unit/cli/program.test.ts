import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { forgetEmptyVariables } from "../../../src/cli/options.ts";
import { buildProgram } from "../../../src/cli/program.ts";
import { temporaryFolder } from "../../support/temp-folder.ts";

const LAUNCHER = fileURLToPath(new URL("../../../bin/lifeguard", import.meta.url));

function lifeguard(words: readonly string[], env: Record<string, string> = {}, cwd?: string) {
  const { FORCE_COLOR: _, ...clean } = process.env;
  const { status, stdout, stderr } = spawnSync(LAUNCHER, words, {
    cwd,
    encoding: "utf8",
    env: { ...clean, ...env },
  });
  return { code: status, stdout, stderr };
}

test("help is plain where it is piped, and names every command", () => {
  const { code, stdout } = lifeguard(["--help"]);
  expect(code).toBe(0);
  expect(stripVTControlCharacters(stdout)).toBe(stdout);
  for (const name of [
    "run",
    "validate",
    "check",
    "status",
    "silence",
    "tap",
    "reload",
    "plugins",
    "schema",
    "version",
    "dead-letters",
  ])
    expect(stdout).toMatch(new RegExp(`^  ${name}\\b`, "m"));
});

test("every option of every command can come from a variable, and help says which", () => {
  const commands = buildProgram().commands.flatMap((command) => [command, ...command.commands]);
  expect(commands.length).toBeGreaterThan(10);
  for (const command of commands)
    for (const { long, envVar } of command.options)
      expect(envVar, `${command.name()} ${long}`).toMatch(/^LIFEGUARD_[A-Z_]+$/);
});

test("a variable sets an option; an empty one, and a switch that says no, do not", () => {
  using folder = temporaryFolder();
  writeFileSync(
    join(folder.path, "monitors.yaml"),
    "sinks:\n  console: {}\nroles:\n  quiet: { sinks: [] }\n",
  );
  const dryRun = (env: Record<string, string>, ...words: string[]) =>
    lifeguard(["run", ...words], env, folder.path);
  expect(dryRun({ LIFEGUARD_DRY_RUN: "1", LIFEGUARD_ROLE: "quiet" }).stdout).toMatch(/^role\s+quiet$/m);
  expect(dryRun({ LIFEGUARD_ROLE: "quiet" }, "--dry-run", "--role", "standalone").stdout).toMatch(
    /^role\s+standalone$/m,
  );
  expect(dryRun({ LIFEGUARD_ROLE: "" }, "--dry-run").stdout).toMatch(/^role\s+standalone$/m);
  const program = buildProgram();
  const env: Record<string, string | undefined> = { LIFEGUARD_DRY_RUN: "0", LIFEGUARD_CONFIG: "x.yaml" };
  forgetEmptyVariables(program, env);
  expect(env).toEqual({ LIFEGUARD_CONFIG: "x.yaml" });
});

test("a mistyped command or option suggests the right one", () => {
  expect(lifeguard(["stauts"])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("Did you mean status?"),
  });
  expect(lifeguard(["run", "--rol", "x"])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("Did you mean --role?"),
  });
});

test("what Nagios calls says unknown, not warning, when it is called wrongly or nothing runs", () => {
  using folder = temporaryFolder();
  expect(lifeguard(["status", "--nonsense"]).code).toBe(3);
  expect(lifeguard(["check"]).code).toBe(3);
  expect(lifeguard(["status", "--help"]).code).toBe(0);
  const { code, stderr } = lifeguard(["status", "--data", folder.path]);
  expect(code).toBe(3);
  expect(stderr).toContain(`no lifeguard runs on the data directory ${folder.path}`);
});

test("the data directory of a running lifeguard is looked up where its configuration says, also an invalid one", () => {
  using folder = temporaryFolder();
  const looksAt = (yaml: string, env = {}) => {
    writeFileSync(join(folder.path, "monitors.yaml"), yaml);
    return lifeguard(["reload"], env, folder.path).stderr;
  };
  expect(looksAt("title: x\n")).toContain(join(folder.path, "data:"));
  expect(looksAt("data: ./elsewhere\nsourcs: {}\n")).toContain(join(folder.path, "elsewhere:"));
  expect(looksAt("data: '${env:PLACE:-/nowhere}'\n", { PLACE: "/somewhere/else" })).toContain(
    "directory /somewhere/else:",
  );
});

test("validate exits with 78 and the place of each mistake, as text and as JSON", () => {
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, "monitors.yaml"), "sinks:\n  console: { formt: ndjson }\n");
  const text = lifeguard(["validate"], {}, folder.path);
  expect(text.code).toBe(78);
  expect(text.stdout).toMatch(/^monitors\.yaml:2:14 CFG012 /m);
  const json = lifeguard(["validate", "monitors.yaml", "--format", "json"], {}, folder.path);
  expect(json.code).toBe(78);
  expect(JSON.parse(json.stdout)).toMatchObject([{ line: 2, column: 14, suggestion: "format" }]);
  expect(lifeguard(["run"], {}, folder.path)).toMatchObject({
    code: 78,
    stderr: expect.stringContaining("monitors.yaml:2:14 CFG012"),
  });
});

test("a silence that is not well said is refused before anybody is asked", () => {
  const said = (...words: string[]) => lifeguard(["silence", ...words, "--data", "/nonexistent"]);
  expect(said("a/b")).toMatchObject({ code: 1, stderr: expect.stringContaining("say for how long") });
  expect(said("a/b", "--for", "2")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('"2" is no length'),
  });
  expect(said("--for", "2h")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("name what to silence"),
  });
  for (const words of [["a/b", "--for", "2h"], [], ["list"], ["end", "x"]])
    expect(said(...words)).toMatchObject({ code: 1, stderr: expect.stringContaining("no lifeguard runs") });
  expect(lifeguard(["silence", "--data", "/nonexistent", "list"]).stderr).toContain("/nonexistent");
});

test("a reader that has seen enough is no failure", () => {
  const { stdout, stderr } = spawnSync("sh", ["-c", `"${LAUNCHER}" schema; echo "ended $?" >&2`], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  expect(stdout.length).toBeGreaterThan(10_000);
  const cut = spawnSync("sh", ["-c", `{ "${LAUNCHER}" schema; echo "ended $?" >&2; } | head -c 10`], {
    encoding: "utf8",
  });
  expect(cut).toMatchObject({ stdout: stdout.slice(0, 10), stderr });
});
