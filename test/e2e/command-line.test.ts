import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { LAUNCHER, Lifeguard } from "../support/lifeguard.ts";
import { temporaryFolder } from "../support/temp-folder.ts";
import { until } from "../support/until.ts";

/** A folder with promises, each a shell script. */
function promises(folder: string, scripts: Record<string, string>): string {
  const directory = join(folder, "promises");
  mkdirSync(directory, { recursive: true });
  for (const [name, body] of Object.entries(scripts)) {
    writeFileSync(join(directory, name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(directory, name), 0o755);
  }
  return directory;
}

const GOOD = `echo '{"message": "all is well"}'`;
const BAD = "echo 'it broke' >&2; exit 1";

/** Has results for every promise. */
async function settled(lifeguard: Lifeguard, count: number): Promise<void> {
  await until("results", () => {
    const { subjects } = JSON.parse(lifeguard.cli("status", "-o", "json").stdout) as {
      subjects: { message: string; status: string }[];
    };
    return (
      subjects.filter(({ message }) => message === "all is well" || message === "it broke").length === count
    );
  });
}

test("status, check, tap and reload reach the running lifeguard; SIGTERM stops it cleanly", async () => {
  using folder = temporaryFolder();
  const directory = promises(folder.path, { good: GOOD, bad: BAD });
  const yaml = `sources:\n  promises: { directory: ${directory} }\nsinks:\n  web: { listen: 127.0.0.1:0 }\n  database: {}\n`;
  await using lifeguard = new Lifeguard(folder.path, yaml);
  await lifeguard.ready();
  await settled(lifeguard, 2);

  const status = lifeguard.cli("status");
  expect(status.stdout).toMatch(
    /^CRITICAL - 1 critical, 1 ok \| critical=1 warning=0 unknown=0 ok=1 silenced=0\n\ncritical {2}promise\/bad .* it broke\nok {8}promise\/good .* all is well\n$/,
  );
  expect(status.code).toBe(2);
  expect(lifeguard.cli("status", "promise/good").code).toBe(0);

  const check = lifeguard.cli("check", "promise/bad");
  expect(check.stdout).toMatch(
    /^CRITICAL - promise\/bad: it broke\nstate \S+, \d+ ms, run by the running lifeguard/,
  );
  expect(check.code).toBe(2);
  expect(lifeguard.cli("check", "promise/none")).toMatchObject({
    code: 3,
    stderr: expect.stringContaining("promise/none"),
  });

  // Who writes a name that nobody knows is told which one may have been meant.
  expect(lifeguard.cli("check", "bad").stderr).toContain("for bad: did you mean promise/bad?");
  expect(lifeguard.cli("status", "promise/god")).toMatchObject({
    code: 3,
    stdout: expect.stringMatching(
      /^UNKNOWN - none of 2 subjects matches promise\/god: did you mean promise\/good\? \| critical=0 /,
    ),
  });
  await until("the history", () => lifeguard.cli("history", "promise/good").code === 0);
  expect(lifeguard.cli("history", "promise/good", "-s", "nosuch").stderr).toContain(
    "knows nothing of promise/good of the source nosuch: it is watched by promises",
  );
  expect(lifeguard.cli("history", "good")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("the history knows nothing of good: did you mean promise/good?"),
  });

  const tap = spawn(LAUNCHER, ["tap", "promise/good", "--data", lifeguard.data], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let seen = "";
  tap.stdout.on("data", (text) => {
    seen += text;
  });
  await until("an event on the tap", () => {
    lifeguard.cli("check", "promise/good");
    return seen.includes("\n");
  });
  expect(JSON.parse(seen.split("\n")[0] as string)).toMatchObject({
    specversion: "1.0",
    subject: "promise/good",
    status: "ok",
  });
  tap.kill("SIGINT");
  expect((await once(tap, "exit"))[0]).toBe(0);

  lifeguard.configure(`title: Another\n${yaml}`);
  expect(lifeguard.cli("reload").code).toBe(0);
  lifeguard.configure(yaml.replace("directory", "directry"));
  await until("a refusal", () => lifeguard.cli("reload").code === 78);
  expect(lifeguard.cli("reload").stderr).toMatch(/CFG012 unknown key "directry"/);
  expect(lifeguard.cli("status").stdout).toContain("CFG012");
  lifeguard.configure(yaml);
  process.kill(lifeguard.pid, "SIGHUP");
  await until("the old configuration back", () => !lifeguard.cli("status").stdout.includes("CFG012"));

  expect(await lifeguard.stop()).toBe(0);
  expect(existsSync(join(lifeguard.data, "control.sock"))).toBe(false);
});

test("check runs alone where no lifeguard runs: its monitor only, nothing else, and nothing is left", async () => {
  using folder = temporaryFolder();
  const trace = join(folder.path, "trace");
  const directory = promises(folder.path, {
    good: `echo good >> ${trace}; ${GOOD}`,
    bad: `echo bad >> ${trace}; ${BAD}`,
  });
  const lifeguard = new Lifeguard(
    folder.path,
    `sources:\n  promises: { directory: ${directory} }\nsinks:\n  web: { listen: 127.0.0.1:1 }\n`,
  );
  const { code, stdout } = lifeguard.cli("check", "promise/good", "-o", "json");
  expect(JSON.parse(stdout)).toMatchObject({
    subject: "promise/good",
    status: "ok",
    message: "all is well",
    runner: "alone",
  });
  expect(code).toBe(0);
  expect(readFileSync(trace, "utf8")).toBe("good\n");
  expect(existsSync(lifeguard.data)).toBe(false);
  expect(lifeguard.cli("check", "promise/god")).toMatchObject({
    code: 3,
    stderr: expect.stringContaining("did you mean promise/good?"),
  });
});

test("a second lifeguard on the same data directory is refused", async () => {
  using folder = temporaryFolder();
  await using lifeguard = new Lifeguard(folder.path, "sinks:\n  web: { listen: 127.0.0.1:0 }\n");
  await lifeguard.ready();
  const { code, stderr } = lifeguard.cli("run");
  expect(code).toBe(1);
  expect(stderr).toContain("in use by another lifeguard");
});

test("a second signal ends at once what would not stop", async () => {
  using folder = temporaryFolder();
  writeFileSync(
    join(folder.path, "stubborn.ts"),
    `import { defineSink, z } from "lifeguard/plugin";
export default defineSink({ name: "stubborn", summary: "Never closes", config: z.object({}),
  start: () => ({ close: () => new Promise<void>(() => {}) }) });\n`,
  );
  await using lifeguard = new Lifeguard(
    folder.path,
    "shutdown_timeout: 1h\nsinks:\n  stubborn: { type: ./stubborn.ts }\n",
  );
  await lifeguard.ready();
  process.kill(lifeguard.pid, "SIGTERM");
  await until("stopping", () => lifeguard.output.includes("SIGTERM: stopping"));
  // npm repeats a signal within a moment; a person takes longer.
  const asked = performance.now();
  await until("a moment", () => performance.now() - asked > 300);
  expect(await lifeguard.stop()).toBe(1);
});

test("the exit codes of a start: 78 for a bad configuration, 1 for a data directory that cannot be used", () => {
  using folder = temporaryFolder();
  const run = (yaml: string, ...words: string[]) => {
    writeFileSync(join(folder.path, "monitors.yaml"), yaml);
    return spawnSync(LAUNCHER, ["run", ...words], {
      cwd: folder.path,
      encoding: "utf8",
      env: { ...process.env, NO_COLOR: "1" },
      timeout: 20_000,
    });
  };
  expect(run("sorces: {}\n")).toMatchObject({
    status: 78,
    stderr: expect.stringContaining("monitors.yaml:1:1 CFG012"),
  });
  expect(run("sinks: { console: {} }\n", "--role", "nobody")).toMatchObject({
    status: 78,
    stderr: expect.stringContaining("nobody"),
  });
  writeFileSync(join(folder.path, "file"), "");
  expect(run("sinks: { console: {} }\n", "--data", join(folder.path, "file")).status).toBe(1);
});

test("a tap whose reader goes ends quietly", async () => {
  using folder = temporaryFolder();
  const directory = promises(folder.path, { good: GOOD });
  await using lifeguard = new Lifeguard(
    folder.path,
    `sources:\n  promises: { directory: ${directory}, interval: 1s }\n`,
  );
  await lifeguard.ready();
  const { status, stdout, stderr } = spawnSync(
    "sh",
    ["-c", `"${LAUNCHER}" tap --data "${lifeguard.data}" | head -n 1`],
    { encoding: "utf8", timeout: 30_000 },
  );
  expect(JSON.parse(stdout)).toMatchObject({ subject: "promise/good" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
});
