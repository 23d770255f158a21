import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { StatusReport } from "../../src/core/control/status-report.ts";
import type { Silence } from "../../src/plugin/index.ts";
import { LAUNCHER, Lifeguard } from "../support/lifeguard.ts";
import { temporaryFolder } from "../support/temp-folder.ts";
import { until } from "../support/until.ts";

/** A lifeguard whose one promise is broken. */
function broken(folder: string, more = ""): { lifeguard: Lifeguard; yaml: string } {
  const directory = join(folder, "promises");
  mkdirSync(directory);
  writeFileSync(join(directory, "bad"), "#!/bin/sh\necho 'it broke' >&2; exit 1\n");
  chmodSync(join(directory, "bad"), 0o755);
  const yaml = `sources:\n  promises: { directory: ${directory}, interval: 1s }\n`;
  return { lifeguard: new Lifeguard(folder, `${yaml}${more}`), yaml };
}

interface Told {
  readonly type: string;
  readonly subject: string;
  readonly data: { readonly message: string };
}

/** What `lifeguard tap` shows from now on. */
class Tap {
  readonly events: Told[] = [];
  readonly #child: ChildProcess;

  constructor(lifeguard: Lifeguard, glob: string) {
    this.#child = spawn(LAUNCHER, ["tap", glob, "--data", lifeguard.data], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let rest = "";
    this.#child.stdout?.on("data", (text) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop() as string;
      this.events.push(...lines.map((line) => JSON.parse(line) as Told));
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const gone = once(this.#child, "exit");
    this.#child.kill("SIGINT");
    await gone;
  }
}

const statusOf = (lifeguard: Lifeguard) =>
  JSON.parse(lifeguard.cli("status", "-o", "json").stdout) as StatusReport;

/** Asks for a silence and returns it. */
function silence(lifeguard: Lifeguard, ...words: string[]): Silence & { readonly matches: number } {
  const { stdout, stderr, code } = lifeguard.cli("silence", ...words, "-o", "json");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout);
}

test("a silence outlasts kill -9, status says so, it ends at its time or early, and all of it is told", async () => {
  using folder = temporaryFolder();
  const { lifeguard: made } = broken(folder.path);
  await using lifeguard = made;
  await lifeguard.ready();
  await until("a result", () => statusOf(lifeguard).subjects[0]?.message === "it broke");

  const { code, stdout } = lifeguard.cli(
    "silence",
    "promise/*",
    "--for",
    "2h",
    "--why",
    "disk swap",
    "--by",
    "ann",
  );
  expect(stdout).toMatch(
    /^silenced promise\/\* until \d{4}-\d\d-\d\d \d\d:\d\d:\d\d [^:]+: 1 subject now\nto end it early: lifeguard silence end [0-9a-f]{8}\n$/,
  );
  expect(code).toBe(0);
  await lifeguard.crash();
  await lifeguard.ready();
  const [kept] = statusOf(lifeguard).silences;
  expect(kept).toMatchObject({ kind: "silence", subjects: ["promise/*"], why: "disk swap", by: "ann" });
  expect(statusOf(lifeguard).subjects).toMatchObject([{ silenced: { id: kept?.id, until: kept?.until } }]);
  expect(lifeguard.cli("status").stdout).toMatch(/promise\/bad .*\[silenced until .*\] it broke/);
  expect(lifeguard.cli("silence").stdout).toMatch(
    /^[0-9a-f]{8} {2}until .* {2}promise\/\* {2}ann {2}disk swap\n$/,
  );

  await using tap = new Tap(lifeguard, "lifeguard.*");
  const told = (type: string) => tap.events.filter((event) => event.type === `lifeguard.silence.${type}`);
  // What was told before the tap had begun is not seen.
  await until("the tap", () => {
    if (told("began").length > 0) return true;
    silence(lifeguard, "nsm/*", "--for", "1s");
    return false;
  });
  const short = silence(lifeguard, "nsm/*", "--for", "1s");
  expect(short).toMatchObject({ matches: 0, why: "" });
  for (const type of ["began", "ended"])
    await until(`that it ${type}`, () => told(type).some(({ subject }) => subject === `silence/${short.id}`));
  expect(JSON.parse(lifeguard.cli("silence", "list", "-o", "json").stdout)).toEqual(kept);

  expect(lifeguard.cli("silence", "end", kept?.id ?? "", "--by", "bob").code).toBe(0);
  await until("the early end", () =>
    told("ended").some(
      ({ data }) => data.message === "the silence of promise/* was ended early by bob (disk swap)",
    ),
  );
  expect(lifeguard.cli("silence").stdout).toBe("nothing is silenced\n");
  expect(lifeguard.cli("silence", "end", kept?.id ?? "")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`no silence "${kept?.id}" holds`),
  });
  await lifeguard.crash();
  await lifeguard.ready();
  expect(statusOf(lifeguard).silences).toEqual([]);
});

test("a silence may be about labels, and says whom else may have been meant where it is about nobody", async () => {
  using folder = temporaryFolder();
  const { lifeguard, yaml } = broken(folder.path);
  await using _ = lifeguard;
  lifeguard.configure(`${yaml.trimEnd().slice(0, -1)}, labels: { team: platform } }\n`);
  await lifeguard.ready();
  await until("the subject", () => statusOf(lifeguard).subjects[0]?.status === "critical");
  expect(silence(lifeguard, "--label", "team=plat*", "--for", "1h")).toMatchObject({
    subjects: ["*"],
    labels: { team: ["plat*"] },
    matches: 1,
  });
  expect(statusOf(lifeguard).subjects[0]?.silenced).toBeTruthy();
  expect(silence(lifeguard, "promise/*", "-l", "team=sales", "-l", "team=help", "--for", "1h").matches).toBe(
    0,
  );
  expect(lifeguard.cli("silence", "bad", "--for", "1h").stdout).toContain(
    "no subject matches now; those to come are silenced: did you mean promise/bad?",
  );
  expect(silence(lifeguard, "--label", "__proto__=x", "--for", "1h").matches).toBe(0);
  expect(lifeguard.cli("silence", "promise/*", "-l", "team=sales", "--for", "1h").stdout).toContain(
    "no subject matches now; those to come are silenced\n",
  );
  expect(lifeguard.cli("silence", "--label", "team", "--for", "1h")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('"team" is no label: write team=platform'),
  });
});

test("a silence that runs out while lifeguard is down ends at the next start", async () => {
  using folder = temporaryFolder();
  const { lifeguard: made } = broken(folder.path);
  await using lifeguard = made;
  await lifeguard.ready();
  const { until: end } = silence(lifeguard, "promise/*", "--for", "1s");
  await lifeguard.crash();
  await until("its end", () => Date.now() > Date.parse(end));
  await lifeguard.ready();
  expect(statusOf(lifeguard).silences).toEqual([]);
});

test("a maintenance window of monitors.yaml comes and goes with a reload, and restarts nothing", async () => {
  using folder = temporaryFolder();
  const { lifeguard: made, yaml } = broken(folder.path);
  await using lifeguard = made;
  await lifeguard.ready();
  const since = statusOf(lifeguard).components.map(({ id, since: at }) => [id, at]);
  const reload = (more: string) => {
    lifeguard.configure(`${yaml}${more}`);
    return until("the reload", () => lifeguard.cli("reload").code === 0);
  };
  await reload('maintenance:\n  - { subjects: promise/*, schedule: "* * * * *", for: 2m, why: works }\n');
  const [window] = statusOf(lifeguard).silences;
  expect(window).toMatchObject({ kind: "maintenance", why: "works" });
  expect(lifeguard.cli("silence", "end", window?.id ?? "")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`is a maintenance window, defined at ${lifeguard.config}:4:`),
  });
  await reload("");
  expect(statusOf(lifeguard).silences).toEqual([]);
  expect(statusOf(lifeguard).components.map(({ id, since: at }) => [id, at])).toEqual(since);
});
