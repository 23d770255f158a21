import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ChildProcessRunner } from "../../../../src/sources/promises/child-process.ts";
import { loadLibc } from "../../../../src/sources/promises/libc.ts";
import { PosixSpawnRunner } from "../../../../src/sources/promises/posix-spawn.ts";
import { type Runner, type RunRequest, STDOUT_LIMIT } from "../../../../src/sources/promises/runner.ts";
import { judge } from "../../../../src/sources/promises/verdict.ts";
import { temporaryFolder } from "../../../support/temp-folder.ts";
import { until } from "../../../support/until.ts";
import { executable, script, write } from "./executable.ts";

const loaded = loadLibc();
const makers: Array<[string, () => Runner]> = [["child_process", () => new ChildProcessRunner()]];
if ("libc" in loaded) makers.unshift(["posix_spawn", () => new PosixSpawnRunner(loaded.libc)]);

it("posix_spawn is at hand on Linux", () => {
  if (process.platform === "linux" && ["x64", "arm64"].includes(process.arch))
    expect(loaded).toHaveProperty("libc");
});

describe.each(makers)("running executables by %s", (_name, make) => {
  let folder: ReturnType<typeof temporaryFolder>;
  let runner: Runner;
  beforeAll(() => {
    folder = temporaryFolder();
    runner = make();
  });
  afterAll(() => folder[Symbol.dispose]());

  const run = (file: string, options: Partial<RunRequest> = {}) =>
    runner.run({
      file,
      workingDirectory: folder.path,
      environment: { PATH: "/usr/bin:/bin" },
      timeout: 10_000,
      grace: 1000,
      signal: new AbortController().signal,
      ...options,
    });
  const sh = (text: string, options: Partial<RunRequest> = {}) =>
    run(script(folder.path, `s${Math.random()}`, text), options);

  it("gives exit code and both outputs", async () => {
    const result = await sh("echo out; echo err >&2; exit 3");
    expect(result).toMatchObject({ end: { kind: "exited", code: 3 }, left: false });
    expect(result.stdout.text).toBe("out\n");
    expect(result.stderr.text).toBe("err\n");
    expect(result.duration).toBeGreaterThan(0);
  });

  it("gives all that was written before the end, where the event loop stood still after it", async () => {
    const { signal } = new AbortController();
    const ended = Promise.withResolvers<void>();
    // Called as soon as the end is known; what is written after that is there long before the loop goes on.
    signal.removeEventListener = () => {
      setImmediate(() => {
        standStill(300);
        ended.resolve();
      });
    };
    const { stdout } = await sh("(sleep 0.03; echo late; sleep 5) & exit 0", { signal });
    await ended.promise;
    expect(stdout.text).toBe("late\n");
  });

  it("gives all that was written before the end, beyond what a pipe holds", async () => {
    const { stdout, stderr } = await sh(
      "head -c 200000 /dev/zero | tr '\\0' a; head -c 70000 /dev/zero | tr '\\0' b >&2",
    );
    expect(stdout).toMatchObject({ total: 200_000, kept: 200_000 });
    expect(stderr).toMatchObject({ total: 70_000, kept: 65_536 });
  });

  it("runs in its folder, with its environment and nothing else, with nothing to read, in a session of its own", async () => {
    const { stdout } = await sh(
      "pwd -P; env | sort | grep -v -e ^_= -e ^PWD= -e ^SHLVL= -e ^OLDPWD=; wc -c; ps -o sid= -p $$; echo $$",
      {
        environment: { PATH: "/usr/bin:/bin", WORD: "a = ü" },
      },
    );
    const [pwd, path, word, count, session, pid] = stdout.text.split("\n").map((line) => line.trim());
    expect([pwd, path, word, count]).toEqual([folder.path, "PATH=/usr/bin:/bin", "WORD=a = ü", "0"]);
    expect(session).toBe(pid);
  });

  it("gives no file handle but the three, and ignores no signal", async () => {
    const { stdout } = await sh("grep SigIgn /proc/self/status; yes | head -n 1; ls /proc/self/fd");
    const [ignored, yes, ...handles] = stdout.text.trim().split("\n");
    // The three, the folder that ls reads, and what whoever started the tests left open for all.
    expect(["0", "1", "2", "3", ...inheritable()]).toEqual(expect.arrayContaining(handles));
    expect(BigInt(`0x${ignored?.split(/\s+/)[1]}`) & 0x7fffffffn).toBe(0n);
    expect(yes).toBe("y");
  });

  it("names the signal that ended it", async () => {
    expect((await sh("kill -9 $$")).end).toEqual({ kind: "killed", signal: "SIGKILL" });
    expect((await sh("kill -SEGV $$")).end).toEqual({ kind: "killed", signal: "SIGSEGV" });
  });

  it("stops what takes too long, with all its children, and keeps what they wrote", async () => {
    const result = await sh("echo begun; sleep 60 & echo $! > child; wait", { timeout: 300 });
    expect(result).toMatchObject({ end: { kind: "timeout", after: 300 }, left: false });
    expect(result.stdout.text).toBe("begun\n");
    expect(result.duration).toBeLessThan(2500);
    await gone(readFileSync(join(folder.path, "child"), "utf8"));
  });

  it("kills what does not listen to TERM, and what its children leave behind", async () => {
    const began = performance.now();
    const result = await sh(
      "trap '' TERM; (trap '' TERM; sleep 60) & echo $! > deaf; while :; do sleep 0.05; done",
      {
        timeout: 200,
        grace: 200,
      },
    );
    expect(result.end.kind).toBe("timeout");
    expect(performance.now() - began).toBeGreaterThanOrEqual(395);
    await gone(readFileSync(join(folder.path, "deaf"), "utf8"));
  });

  it("reads a timeout as one also where the promise says it is fine after TERM", async () => {
    const result = await sh("trap 'echo fine; exit 0' TERM; sleep 60 & wait", { timeout: 200 });
    expect(result.end).toEqual({ kind: "timeout", after: 200 });
    expect(result.stdout.text).toBe("fine\n");
  });

  it("does not wait for a grandchild that holds its outputs", async () => {
    const result = await sh("echo done; sleep 5 & exit 0");
    expect(result).toMatchObject({ end: { kind: "exited", code: 0 } });
    expect(result.stdout.text).toBe("done\n");
    expect(result.duration).toBeLessThan(2000);
  });

  it("leaves a background process alone when the promise itself ended well", async () => {
    await sh("sleep 3 >/dev/null 2>&1 & echo $! > background");
    const pid = Number(readFileSync(join(folder.path, "background"), "utf8"));
    expect(process.kill(pid, 0)).toBe(true);
    process.kill(pid, "SIGKILL");
  });

  it("takes 50 MB in bounded memory, keeps the end and knows the size", async () => {
    const before = process.memoryUsage().rss;
    const result = await sh("head -c 50000000 /dev/zero | tr '\\0' x; echo; echo the end");
    expect(result.stdout).toMatchObject({ total: 50_000_009, kept: STDOUT_LIMIT, opens: "x" });
    expect(result.stdout.text.endsWith("x\nthe end\n")).toBe(true);
    expect(process.memoryUsage().rss - before).toBeLessThan(60 * 2 ** 20);
  });

  it("decodes what is no UTF-8 with replacement", async () => {
    expect((await sh("printf 'a\\377b'")).stdout.text).toBe("a\uFFFDb");
  });

  it.each([
    ["a file that is not there", () => join(folder.path, "none"), /the file is not there \(ENOENT\)/],
    [
      "a bad interpreter",
      () => executable(folder.path, "bad", "#!/no/such/thing -x\n"),
      /interpreter \/no\/such\/thing is not there \(ENOENT\)/,
    ],
    [
      "line ends of Windows",
      () => executable(folder.path, "crlf", "#!/bin/sh\r\nexit 0\r\n"),
      /line ends of Windows/,
    ],
    [
      "no first line",
      () => executable(folder.path, "plain", "exit 0\n"),
      /first line should be #!.*\(ENOEXEC\)/,
    ],
    ["an empty file", () => executable(folder.path, "empty", ""), /\(ENOEXEC\)/],
    [
      "a file without rights",
      () => write(folder.path, "shy", "#!/bin/sh\n", 0o644),
      /permission denied.*\(EACCES\)/,
    ],
    ["a folder", () => folder.path, /\((?:EACCES|EISDIR)\)/],
  ])("says why it cannot execute %s", async (_what, file, reason) => {
    const { end, stdout } = await run(file());
    expect(end).toMatchObject({ kind: "refused", reason: expect.stringMatching(reason) });
    expect(stdout.total).toBe(0);
  });

  it("says when the working directory is missing", async () => {
    const { end } = await sh("exit 0", { workingDirectory: join(folder.path, "nowhere") });
    expect(end).toMatchObject({
      kind: "refused",
      reason: expect.stringMatching(/working directory .*nowhere is not there/),
    });
  });

  it.each(["a b", "100%", "#1", "größe", "check-_x.y", "-n", "$HOME", "q'q\"q", "日本"])(
    "runs a file called %s",
    async (name) => {
      expect(await run(script(folder.path, name, "echo ran"))).toMatchObject({
        end: { kind: "exited", code: 0 },
        stdout: { text: "ran\n" },
      });
    },
  );

  it("runs with a priority", async () => {
    const { stdout } = await sh('while [ "$(nice)" != 15 ]; do :; done; nice', { nice: 15 });
    expect(stdout.text.trim()).toBe("15");
  });

  it("stops at once when it is told to, before and while it runs", async () => {
    const stopped = AbortSignal.abort();
    expect((await sh("touch ran-all-the-same", { signal: stopped })).end).toEqual({ kind: "stopped" });
    const stop = new AbortController();
    const began = performance.now();
    const stubborn = "trap '' TERM; touch it-runs; while :; do sleep 0.05; done";
    const running = sh(stubborn, { signal: stop.signal, grace: 60_000 });
    await until("it runs", () => existsSync(join(folder.path, "it-runs")));
    stop.abort();
    expect((await running).end).toEqual({ kind: "stopped" });
    expect(performance.now() - began).toBeLessThan(1500);
  });

  it("tells the process id while the process is there", async () => {
    let stat = "";
    let told = 0;
    await sh("exit 0", {
      onSpawn(pid) {
        told += 1;
        stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      },
    });
    expect(told).toBe(1);
    expect(stat).not.toBe("");
  });

  it("runs a hundred at once, each with its own result, and leaves no handle and no zombie", async () => {
    const handles = () => readdirSync("/proc/self/fd").length;
    await sh("exit 0");
    const before = handles();
    const results = await Promise.all(
      Array.from({ length: 100 }, (_, index) => sh(`echo ${index}; exit ${index % 7}`)),
    );
    for (const [index, result] of results.entries())
      expect(result).toMatchObject({
        end: { kind: "exited", code: index % 7 },
        stdout: { text: `${index}\n` },
      });
    await until("no handle more than before", () => handles() <= before);
    await until("no zombies", () => children().every((state) => state !== "Z"));
    expect(process.listenerCount("SIGCHLD")).toBe(0);
  });

  it("comes to the same verdict for the contract's failures", async () => {
    const verdicts = [
      await sh('echo \'{"status": "OK", "message": "fine"}\'; exit 1'),
      await sh("echo '[]'"),
      await sh("printf '{\"status\": '"),
      await sh("printf '\\377\\376'; exit 1"),
      await sh("exit 1"),
    ].map((result) => judge(result, "p", "auto"));
    for (const verdict of verdicts) expect(verdict).toMatchObject({ status: "critical", word: "BAD" });
    expect(verdicts.every(({ message }) => message.length > 0)).toBe(true);
  });
});

/** Handles of this process that every child would get. */
function inheritable(): string[] {
  return readdirSync("/proc/self/fdinfo").filter((fd) => {
    try {
      const flags = /^flags:\s+(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "latin1"))?.[1];
      return (Number.parseInt(flags ?? "0", 8) & 0o2000000) === 0;
    } catch {
      return false;
    }
  });
}

/** States of this process's children. */
function children(): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const [state, parent] = readFileSync(`/proc/${pid}/stat`, "latin1")
          .replace(/^.*\) /s, "")
          .split(" ");
        return Number(parent) === process.pid && state !== undefined ? [state] : [];
      } catch {
        return [];
      }
    });
}

/** Waits until a process has ended; a zombie has. */
async function gone(pid: string): Promise<void> {
  await until(`process ${pid} is gone`, () => {
    try {
      return /\) [ZX] /.test(readFileSync(`/proc/${pid.trim()}/stat`, "latin1"));
    } catch {
      return true;
    }
  });
}

/** Keeps the event loop from doing anything. */
function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
