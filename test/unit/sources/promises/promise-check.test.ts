import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import type { Schedule } from "../../../../src/plugin/index.ts";
import { ChildProcessRunner } from "../../../../src/sources/promises/child-process.ts";
import { Freshness } from "../../../../src/sources/promises/freshness.ts";
import { type Libc, loadLibc } from "../../../../src/sources/promises/libc.ts";
import { PosixSpawnRunner } from "../../../../src/sources/promises/posix-spawn.ts";
import { BOOT, identify } from "../../../../src/sources/promises/process-identity.ts";
import { PromiseCheck, probeTimeout } from "../../../../src/sources/promises/promise-check.ts";
import type { Runner, RunRequest } from "../../../../src/sources/promises/runner.ts";
import { NOTHING } from "../../../../src/sources/promises/tail-buffer.ts";
import { FakeClock } from "../../../../src/testkit/index.ts";
import { temporaryFolder } from "../../../support/temp-folder.ts";
import { until } from "../../../support/until.ts";
import { script, write } from "./executable.ts";

let folder: ReturnType<typeof temporaryFolder>;
let clock: FakeClock;
beforeEach(() => {
  folder = temporaryFolder();
  clock = new FakeClock("2026-01-01T00:00:00.000Z");
});
afterEach(() => folder[Symbol.dispose]());

const check = (
  file: string,
  {
    runner = new ChildProcessRunner() as Runner,
    schedule = { every: 60_000 } as Schedule,
    timeout = 5000,
  } = {},
) => {
  const warnings: string[] = [];
  const silences: unknown[] = [];
  const made = new PromiseCheck(
    {
      id: "p",
      subject: "promise/p",
      file,
      title: undefined,
      schedule,
      refused: undefined,
      workingDirectory: folder.path,
      publicFolder: join(folder.path, "public"),
      lockFile: join(folder.path, "p.pid"),
      logFile: join(folder.path, "p.log"),
    },
    {
      runner,
      clock,
      log: { debug() {}, info() {}, error() {}, warn: (message) => void warnings.push(message) },
      freshness: new Freshness(),
      environment: { PATH: "/usr/bin:/bin" },
      user: undefined,
      config: { timeout, grace: 100, mode: "auto", nice: undefined, history: 10, jitter: 0 },
    },
    { described() {}, judged() {}, silent: (silence) => void silences.push(silence) },
  );
  return Object.assign(made, { warnings, silences });
};
const run = (promise: PromiseCheck, signal = new AbortController().signal) => promise.probe({ signal });
const status = () => JSON.parse(readFileSync(join(folder.path, "public/p.status.json"), "utf8"));

describe("a promise without news", () => {
  it("turns BAD in its file after three intervals, once, and good again with the next result", async () => {
    const promise = check(script(folder.path, "p", "exit 0"));
    await run(promise);
    await clock.advance(3 * 60_000 - 1);
    await promise.checkFreshness();
    expect(status().status).toBe("OK");
    await clock.advance(1);
    await promise.checkFreshness();
    expect(status()).toMatchObject({
      status: "BAD",
      message: "no result since 2026-01-01T00:00:00.000Z",
      "change-time": Date.UTC(2026, 0, 1, 0, 3) / 1000,
    });
    await clock.advance(60_000);
    await promise.checkFreshness();
    expect(status()["change-time"]).toBe(Date.UTC(2026, 0, 1, 0, 3) / 1000);
    await run(promise);
    expect(status()).toMatchObject({ status: "OK", "change-time": Date.UTC(2026, 0, 1, 0, 4) / 1000 });
  });

  it("tells so once, with what its file says", async () => {
    const promise = check(script(folder.path, "p", "exit 0"));
    await run(promise);
    await clock.advance(3 * 60_000);
    await promise.checkFreshness();
    await promise.checkFreshness();
    expect(promise.silences).toEqual([
      {
        reason: "no result since 2026-01-01T00:00:00.000Z",
        data: expect.objectContaining({ status: "BAD", returncode: 0, date: "2026-01-01T00:00:00.000Z" }),
      },
    ]);
  });

  it("turns BAD where there never was a result", async () => {
    const promise = check(script(folder.path, "p", "exit 0"));
    await clock.advance(3 * 60_000);
    await promise.checkFreshness();
    expect(status()).toMatchObject({ status: "BAD", message: "no result since 2026-01-01T00:00:00.000Z" });
  });

  it("is not taken for stale because somebody set the clock", async () => {
    const promise = check(script(folder.path, "p", "exit 0"));
    await run(promise);
    clock.setWall("2027-01-01T00:00:00.000Z");
    await promise.checkFreshness();
    expect(status().status).toBe("OK");
  });

  it("has as long as three turns of its cron expression take, and what a run may take", () => {
    const freshness = new Freshness();
    const now = Date.now();
    const every5 = freshness.allowance({ cron: "*/5 * * * *" }, 1000, now);
    expect(every5).toBeGreaterThan(10 * 60_000);
    expect(every5).toBeLessThanOrEqual(15 * 60_000 + 1000);
    expect(freshness.allowance({ cron: "0 3 * * mon", timezone: "UTC" }, 0, now)).toBeGreaterThan(
      13 * 86_400_000,
    );
    expect(freshness.allowance({ every: 1000 }, 30_000, now)).toBe(31_000);
  });
});

describe("what lifeguard cannot do is unknown, and BAD in the file", () => {
  const loaded = loadLibc();
  const broken = (changes: Partial<Libc>) => {
    if ("why" in loaded) throw new Error(loaded.why);
    return new PosixSpawnRunner({ ...loaded.libc, ...changes });
  };

  it.skipIf("why" in loaded).each([
    [
      "no handle for pipes",
      () => broken({ pipe2: () => -1, errno: () => constants.errno.EMFILE }),
      "lifeguard has no file handle left (EMFILE)",
    ],
    [
      "no process left",
      () => broken({ posix_spawn: () => constants.errno.EAGAIN }),
      "the machine allows no more processes (EAGAIN)",
    ],
    [
      "no memory left",
      () => broken({ posix_spawn: () => constants.errno.ENOMEM }),
      "the machine has no memory left (ENOMEM)",
    ],
  ])("%s", async (_what, runner, reason) => {
    const observation = await run(check(script(folder.path, "p", "exit 0"), { runner: runner() }));
    expect(observation).toMatchObject({
      status: "unknown",
      type: "promise.undetermined",
      state: "UNKNOWN",
      message: `could not be run: ${reason}`,
    });
    expect(status()).toMatchObject({ status: "BAD", returncode: null });
  });

  it.skipIf("why" in loaded)("nobody can say how it ended", async () => {
    const runner = broken({ waitpid: () => -1 });
    const observation = await run(check(script(folder.path, "p", "exit 0"), { runner }));
    expect(observation).toMatchObject({
      status: "unknown",
      message: expect.stringMatching(/could not see how process \d+ ended/),
    });
  });

  it("no lock can be made", async () => {
    const promise = check(script(folder.path, "p", "exit 0"));
    folder[Symbol.dispose]();
    expect(await run(promise)).toMatchObject({
      status: "unknown",
      message: expect.stringContaining("could not be locked: ENOENT"),
    });
  });
});

it("a run that lifeguard stops leaves what stood in the file", async () => {
  const file = script(folder.path, "p", "echo first");
  const promise = check(file);
  await run(promise);
  const begun = join(folder.path, "begun");
  script(folder.path, "p", `touch ${begun}\nsleep 30`);
  const stop = new AbortController();
  const running = run(promise, stop.signal);
  await until("it runs", () => existsSync(begun));
  stop.abort();
  expect(await running).toMatchObject({ status: "unknown" });
  expect(status()).toMatchObject({ status: "OK", message: "first" });
});

it("what a killed lifeguard left running is ended when it has had its time, and the promise runs again", async () => {
  const file = script(folder.path, "p", "exit 0");
  const orphan = spawn("sleep", ["60"], { detached: true, stdio: "ignore" });
  onTestFinished(() => void orphan.kill("SIGKILL"));
  const dead = spawnSync("true").pid;
  const pid = orphan.pid as number;
  write(folder.path, "p.pid", `${[pid, identify(pid)?.start, BOOT, dead, "1"].join("\n")}\n`);
  const exited = once(orphan, "exit");
  const promise = check(file, { timeout: 100 });
  expect(await run(promise)).toMatchObject({
    status: "unknown",
    message: expect.stringContaining(`process ${pid} has been running it`),
  });
  await expect.poll(() => run(promise), { timeout: 10_000 }).toMatchObject({ status: "ok" });
  expect(await exited).toEqual([null, "SIGKILL"]);
});

it("a file that somebody is just writing is tried again, and fails for good when that does not end", async () => {
  let tries = 0;
  const busy = {
    end: { kind: "refused", reason: "busy", errno: "ETXTBSY" },
    stdout: NOTHING,
    stderr: NOTHING,
    duration: 0,
    left: false,
  } as const;
  const runner = (after: number): Runner => {
    const real = new ChildProcessRunner();
    return {
      name: "busy",
      run: (request: RunRequest) => (++tries <= after ? Promise.resolve(busy) : real.run(request)),
    };
  };
  const file = script(folder.path, "p", "exit 0");
  expect(await run(check(file, { runner: runner(2) }))).toMatchObject({ status: "ok" });
  tries = 0;
  expect(await run(check(file, { runner: runner(100) }))).toMatchObject({
    status: "critical",
    message: "busy",
  });
});

it("files that cannot be written are complained of once, and the event tells all the same", async () => {
  const promise = check(script(folder.path, "p", "exit 0"));
  write(folder.path, "public", "a file in the way");
  expect(await run(promise)).toMatchObject({ status: "ok" });
  expect(await run(promise)).toMatchObject({ status: "ok" });
  expect(promise.warnings).toHaveLength(1);
});

it("core's deadline comes after everything that a run may take", () => {
  expect(probeTimeout({ timeout: 20_000, grace: 1000 })).toBeGreaterThan(5000 + 20_000 + 1000 + 1000);
});
