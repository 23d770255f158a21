import { spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { type Clock, statusDocument } from "../../../../src/plugin/index.ts";
import promises from "../../../../src/sources/promises/index.ts";
import { FakeClock, Harness } from "../../../../src/testkit/index.ts";
import { temporaryFolder } from "../../../support/temp-folder.ts";
import { until } from "../../../support/until.ts";
import { executable, script, write } from "./executable.ts";

let folder: ReturnType<typeof temporaryFolder>;
let root: string;
beforeEach(() => {
  folder = temporaryFolder();
  root = folder.path;
});
afterEach(() => folder[Symbol.dispose]());

/** Starts the source alone; it is stopped with the test. */
async function start(
  config: object,
  name = "promises",
  clock?: Clock,
): Promise<Harness & { lines: string[] }> {
  const lines: string[] = [];
  const harness = await Harness.start({
    sources: { [name]: { definition: promises, config } },
    dataDirectory: join(root, "data"),
    ...(clock && { clock }),
    log: { write: (line: string) => lines.push(line) > 0 },
  });
  onTestFinished(() => harness.stop());
  return Object.assign(harness, { lines });
}

const subject = (harness: Harness, name: string) => harness.board.find(name)[0];
const judged = (harness: Harness, name: string) =>
  until(`a verdict on ${name}`, () => {
    const state = subject(harness, name);
    return state?.event ? state : undefined;
  });
const json = (...path: string[]) => JSON.parse(readFileSync(join(root, ...path), "utf8"));

/** Where the source keeps files of its own, wherever core puts that. */
function ownFile(name: string): string | undefined {
  const found = readdirSync(join(root, "data"), { recursive: true, encoding: "utf8" }).find((path) =>
    path.endsWith(name),
  );
  return found && join(root, "data", found);
}

describe("a folder of promises", () => {
  it("has a verdict on each, with title, commands and measures, and a status.json that is what a web sink serves", async () => {
    script(root, "p/good", 'echo \'{"message": "fine", "description": "what it checks", "extra": 1}\'');
    write(root, "p/good.cfg", "[service]\ntitle = A good one\nfrequency = */5 * * * *\n");
    script(root, "p/bad", "echo why >&2; exit 1");
    script(root, "p/check_x", "echo 'X WARNING - hm|a=5;4;9'; exit 1");
    const harness = await start({ directory: join(root, "p") });

    const good = await judged(harness, "promise/good");
    expect(good).toMatchObject({
      status: "ok",
      state: "OK",
      message: "fine",
      instance: "promises",
      description: { title: "A good one", commands: ["run"], public: true },
    });
    await until(
      "its description",
      () => subject(harness, "promise/good")?.description.description === "what it checks",
    );
    expect(await judged(harness, "promise/bad")).toMatchObject({
      status: "critical",
      state: "BAD",
      message: "why",
      event: { type: "promise.failed" },
    });
    expect(await judged(harness, "promise/check_x")).toMatchObject({
      status: "warning",
      message: "X WARNING - hm",
      measures: { a: { value: 5, unit: "1", warn: 4, crit: 9 }, duration: { unit: "ms" } },
      event: { type: "promise.warned", data: { status: "BAD", returncode: 1 } },
    });
    const file = ownFile("good.status.json") as string;
    const document = JSON.parse(readFileSync(file, "utf8"));
    expect(document).toMatchObject({
      status: "OK",
      message: "fine",
      title: "A good one",
      returncode: 0,
      extra: 1,
      description: "what it checks",
    });
    expect(statusDocument(subject(harness, "promise/good") as NonNullable<typeof good>)).toEqual(document);
  });

  it.each(["posix_spawn", "child_process"])(
    "has a visible failure for everything that fails, run by %s",
    async (way) => {
      vi.stubEnv("LIFEGUARD_PROMISES_SPAWN", way === "child_process" ? way : undefined);
      onTestFinished(() => void vi.unstubAllEnvs());
      executable(root, "p/interpreter", "#!/no/such/interpreter\n");
      executable(root, "p/shebang", "echo hi\n");
      chmodSync(script(root, "p/world", "exit 0"), 0o777);
      script(root, "p/killed", "kill -9 $$");
      script(root, "p/slow", "sleep 30");
      script(root, "p/list", "echo '[1]'");
      script(root, "p/bytes", "printf '\\377\\376'; exit 1");
      script(root, "p/large", "head -c 50000000 /dev/zero | tr '\\0' x; exit 1");
      script(root, "p/holder", "echo held; sleep 20 & exit 1");
      script(root, "p/liar", 'echo \'{"status": "OK", "message": "all well"}\'; exit 2');
      const harness = await start({ directory: join(root, "p"), timeout: "3s" });
      if (process.platform === "linux") expect(harness.lines.join("")).toContain(`promises run by ${way}`);
      const reasons: Record<string, RegExp> = {
        interpreter: /interpreter \/no\/such\/interpreter is not there/,
        shebang: /first line should be #!/,
        world: /anybody may write/,
        killed: /^killed by SIGKILL$/,
        slow: /^no result within 3 s: stopped$/,
        list: /JSON array/,
        bytes: /\uFFFD/,
        large: /x+ \[standard output truncated: the last 262144 of 50000000 bytes were kept\]/,
        holder: /^held$/,
        liar: /^all well \(exit code 2 contradicts its status OK\)$/,
      };
      for (const [id, reason] of Object.entries(reasons)) {
        const state = await judged(harness, `promise/${id}`);
        expect([id, state.status, state.state]).toEqual([id, "critical", "BAD"]);
        expect(state.message).toMatch(reason);
        const document = JSON.parse(readFileSync(ownFile(`/${id}.status.json`) as string, "utf8"));
        expect(document).toMatchObject({ status: "BAD", message: expect.stringMatching(/./) });
        expect(JSON.stringify(document).length).toBeLessThanOrEqual(64 * 1024);
      }
    },
  );

  it("has names of any kind", async () => {
    const names = ["a b", "100%", "#1", "größe", "check-_x.y", "日本"];
    for (const name of names) script(root, `p/${name}`, "exit 0");
    const harness = await start({ directory: join(root, "p") });
    for (const name of names) {
      expect((await judged(harness, `promise/${name}`)).status).toBe("ok");
      expect(ownFile(`/${name}.status.json`)).toBeDefined();
    }
  });

  it("has no name that hides a promise", async () => {
    script(root, "p/two\nlines", "exit 0");
    const harness = await start({ directory: join(root, "p") });
    const state = await judged(harness, "promise/two\uFFFDlines");
    expect(state).toMatchObject({
      status: "critical",
      message: expect.stringContaining("control characters"),
    });
  });

  it("is followed live: what comes runs, what changes is described anew, what goes takes everything along", async () => {
    script(root, "p/one", "exit 0");
    const harness = await start({ directory: join(root, "p") });
    await judged(harness, "promise/one");

    script(root, "p/two", "echo new");
    expect((await judged(harness, "promise/two")).message).toBe("new");
    write(root, "p/two.cfg", "[service]\ntitle = Second\n");
    await until("its title", () => subject(harness, "promise/two")?.description.title === "Second");

    const file = ownFile("/one.status.json") as string;
    expect(existsSync(file)).toBe(true);
    rmSync(join(root, "p/one"));
    await until("it is retired", () => harness.board.find("promise/one").length === 0);
    await until("its files are gone", () => !ownFile("/one.status.json") && !ownFile("/one.history.json"));
    expect(subject(harness, "promise/two")).toBeDefined();
  });

  it("runs a promise out of turn on command, and never twice at a time", async () => {
    script(root, "p/slow", `echo run >> ${root}/runs; sleep 0.3`);
    const harness = await start({ directory: join(root, "p"), frequency: "0 0 1 1 *" });
    await judged(harness, "promise/slow");
    const runs = () => readFileSync(join(root, "runs"), "utf8").split("\n").length - 1;
    expect(runs()).toBe(1);
    await Promise.all([harness.run("promise/slow"), harness.run("promise/slow")]);
    expect(runs()).toBe(2);
  });

  it("does not run what another process runs; it waits, and says unknown when that takes too long", async () => {
    script(root, "i/etc/promise/p", "exit 0");
    write(root, "i/etc/monitor.conf", "[monitor]\nservice-pid-folder = $instance/pid\n");
    const other = spawn("sleep", ["60"]);
    onTestFinished(() => void other.kill("SIGKILL"));
    write(root, "i/pid/p.pid", `${other.pid}\n`);
    const harness = await start({ monitor_conf: join(root, "i/etc/monitor.conf"), timeout: "300ms" });
    const state = await judged(harness, "promise/p");
    expect(state).toMatchObject({ status: "unknown", event: { type: "promise.undetermined" } });
    expect(state.message).toContain(`process ${other.pid} has been running it`);
    other.kill("SIGKILL");
    await harness.run("promise/p");
    await until("it is ok", () => subject(harness, "promise/p")?.status === "ok");
  });

  it("reads unknown when it gets no turn for too long, on the board as in its file, until it runs again", async () => {
    for (const name of ["a", "b", "c", "d"])
      script(root, `p/hog-${name}`, `while [ -e ${root}/hogging ]; do sleep 0.05; done`);
    script(root, "p/other", "echo fine");
    const clock = new FakeClock();
    const config = { directory: join(root, "p"), interval: "10s", jitter: "0s", concurrency: 1 };
    const harness = await start(config, "promises", clock);
    await clock.advance(1000);
    await judged(harness, "promise/other");
    write(root, "hogging", "");
    const told = await until("somebody tells", async () => {
      await clock.advance(1000);
      const state = subject(harness, "promise/other");
      return state?.status === "unknown" ? state : undefined;
    });
    expect(told).toMatchObject({ message: expect.stringMatching(/^no result since /), state: "UNKNOWN" });
    const file = ownFile("/other.status.json") as string;
    await until("the file", () => JSON.parse(readFileSync(file, "utf8")).status === "BAD");
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(statusDocument(told));
    rmSync(join(root, "hogging"));
    await until("it runs again", async () => {
      await clock.advance(1000);
      return subject(harness, "promise/other")?.status === "ok";
    });
  });

  it("needs several bad results where it is told so", async () => {
    script(root, "p/flaky", "exit 1");
    const harness = await start({ directory: join(root, "p"), fail_after: 2, frequency: "0 0 1 1 *" });
    await until("a first run", () => harness.events({ types: ["promise.failed"] }).length === 1);
    expect(subject(harness, "promise/flaky")?.status).not.toBe("critical");
    await harness.run("promise/flaky");
    await until("it is bad", () => subject(harness, "promise/flaky")?.status === "critical");
  });

  it("that is missing is a failure that everybody sees, and heals when it appears", async () => {
    const harness = await start({ directory: join(root, "later") });
    expect(await judged(harness, "promise/later")).toMatchObject({
      status: "critical",
      message: expect.stringMatching(/the promise folder cannot be read: ENOENT/),
    });
    script(root, "later/p", "exit 0");
    expect((await judged(harness, "promise/p")).status).toBe("ok");
    await until("the complaint is gone", () => harness.board.find("promise/later").length === 0);
  });

  it("that vanishes for a while retires nothing", async () => {
    script(root, "p/one", "exit 0");
    const harness = await start({ directory: join(root, "p") });
    await judged(harness, "promise/one");
    rmSync(join(root, "p"), { recursive: true });
    await judged(harness, "promise/p");
    expect(subject(harness, "promise/one")).toBeDefined();
    await harness.run("promise/one");
    await until("it fails", () => subject(harness, "promise/one")?.status === "critical");
    expect(subject(harness, "promise/one")?.message).toContain("the file is not there");
  });

  it.skipIf(process.geteuid?.() !== 0)(
    "runs as another user, with its own variables, priority and folder",
    async () => {
      script(root, "p/who", "sleep 0.2; id -un; pwd -P; nice; echo $USER $HOME $WORD");
      chmodSync(root, 0o755);
      const harness = await start({
        directory: join(root, "p"),
        run_as: "daemon",
        environment: { WORD: "word" },
        working_directory: "/usr",
        nice: 7,
      });
      const state = await judged(harness, "promise/who");
      expect(state.event?.data).toMatchObject({
        message: expect.stringMatching(/^daemon\n\/usr\n7\ndaemon \/\S* word$/),
      });
    },
  );

  it("leaves nothing running when it stops, and stops within a second", async () => {
    script(root, "p/long", `echo $$ > ${root}/pid; trap '' TERM; while :; do sleep 0.05; done`);
    const harness = await start({ directory: join(root, "p") });
    const pid = await until("it runs", () => Number(readFileSync(join(root, "pid"), "utf8")));
    const began = performance.now();
    await harness.stop();
    expect(performance.now() - began).toBeLessThan(1500);
    await until("it is dead", () => {
      try {
        process.kill(pid, 0);
        return false;
      } catch {
        return true;
      }
    });
  });
});

describe("monitor.conf", () => {
  const conf = `[monitor]
title = The instance
monitor-hal-json = $instance/web/monitor.haljson
public-folder = $instance/public
private-folder = $instance/private
web-folder = $instance/web
service-pid-folder = $instance/pid
public-path-list = $instance/log
private-path-list = $instance/backup
monitor-url-list = https://[...]/ http://me:hunter2@other
`;
  const instance = (name: string) => {
    write(root, `${name}/etc/monitor.conf`, conf);
    script(root, `${name}/etc/monitor-promise/p q`, "exit 0");
    write(
      root,
      `${name}/etc/monitor-promise/p q.cfg`,
      "[service]\ntitle = P\npublic-path-list = $instance/log/a.log\nprivate-path-list = $instance/log # junk\n",
    );
    write(root, `${name}/log/a.log`, "a line");
    write(root, `${name}/backup/x`, "");
    return join(root, name);
  };

  it("gives title, trees, files and links; everything is taken away again with the promise", async () => {
    const home = instance("kvm");
    const harness = await start({ monitor_conf: join(home, "etc/monitor.conf") });
    const state = await judged(harness, "promise/p q");
    expect(state.description).toMatchObject({
      title: "P",
      instance: "promises",
      resources: [
        { name: "a.log", path: join(home, "log/a.log"), public: true },
        { name: "log", path: join(home, "log"), public: false },
        { name: "p q.log", path: expect.stringContaining(join(root, "data")), public: false },
      ],
    });
    await until("the instance is described", () => harness.board.instances().has("promises"));
    expect(harness.board.instances().get("promises")?.description).toMatchObject({
      title: "The instance",
      links: [
        { rel: "related_monitor", href: "https://[...]/" },
        { rel: "related_monitor", href: "http://other" },
      ],
      resources: [
        { name: "log", path: join(home, "log"), public: true },
        { name: "backup", path: join(home, "backup"), public: false },
        { name: "web", path: join(home, "web"), public: false },
      ],
    });
    await until("files are written", () => existsSync(join(home, "web/monitor.haljson")));
    expect(readFileSync(join(home, "web/monitor.haljson"), "utf8")).not.toContain("hunter2");
    expect(json("kvm/public/p q.status.json")).toMatchObject({ status: "OK", title: "P" });
    expect(readlinkSync(join(home, "public/p q/a.log"))).toBe(join(home, "log/a.log"));
    expect(readlinkSync(join(home, "private/p q/log"))).toBe(join(home, "log"));
    expect(readlinkSync(join(home, "public/log"))).toBe(join(home, "log"));
    expect(readdirSync(join(home, "private")).sort()).toEqual(expect.arrayContaining(["backup", "p q"]));
    expect(json("kvm/web/monitor.haljson")).toEqual({
      _links: {
        self: { href: "/monitor.haljson" },
        related_monitor: [{ href: "https://[...]/" }, { href: "http://other" }],
      },
      _embedded: {
        service: [
          {
            _links: {
              status: { href: "/public/p%20q.status.json" },
              interface: { href: "/public/p%20q/index.html" },
            },
            id: "p q",
            title: "P",
          },
        ],
      },
      title: "The instance",
    });
    await until("the global state", () => existsSync(join(home, "private/monitor.global.json")));
    expect(json("kvm/public/monitor.global.json")).toEqual({
      status: "OK",
      date: expect.any(String),
      title: "The instance",
      _links: {
        monitor: { href: "/monitor.haljson" },
        related_monitor: [{ href: "https://[...]/" }, { href: "http://other" }],
      },
    });
    expect(json("kvm/private/monitor.global.json")).toMatchObject({
      status: "OK",
      state: { success: 1, error: 0 },
    });
    symlinkSync("/theirs", join(home, "public/theirs"));
    rmSync(join(home, "etc/monitor-promise/p q"));
    await until(
      "links are gone",
      () => !existsSync(join(home, "public/p q")) && !existsSync(join(home, "private/p q")),
    );
    await until("files are gone", () => !existsSync(join(home, "public/p q.status.json")));
    await until(
      "only what others made is left",
      () => readdirSync(join(home, "public")).sort().join() === "log,monitor.global.json,theirs",
    );
    await until("its log is gone", () => !ownFile("p q.log"));
    await until("haljson is new", () => json("kvm/web/monitor.haljson")._embedded.service.length === 0);
  });

  it("that changes is followed, and what was removed while nobody looked is removed at the next start", async () => {
    const home = instance("kvm");
    const first = await start({ monitor_conf: join(home, "etc/monitor.conf") });
    await judged(first, "promise/p q");
    write(
      home,
      "etc/monitor.conf",
      conf.replace("The instance", "Another title").replace("$instance/log\n", "\n"),
    );
    await until(
      "the new title",
      () => first.board.instances().get("promises")?.description.title === "Another title",
    );
    await until("the link is gone", () => !existsSync(join(home, "public/log")));
    await first.stop();

    rmSync(join(home, "etc/monitor-promise/p q"));
    rmSync(join(home, "etc/monitor-promise/p q.cfg"));
    script(home, "etc/monitor-promise/new", "exit 0");
    const second = await start({ monitor_conf: join(home, "etc/monitor.conf") });
    await judged(second, "promise/new");
    await until(
      "old files are gone",
      () => !existsSync(join(home, "public/p q.status.json")) && !existsSync(join(home, "public/p q")),
    );
    await until("the old subject is gone", () => second.board.find("promise/p q").length === 0);
  });

  it("that moves its folders takes its files along", async () => {
    const home = instance("kvm");
    const harness = await start({ monitor_conf: join(home, "etc/monitor.conf") });
    await judged(harness, "promise/p q");
    await until("the global state", () => existsSync(join(home, "public/monitor.global.json")));
    write(
      home,
      "etc/monitor.conf",
      conf
        .replace("$instance/public\n", "$instance/elsewhere\n")
        .replace("$instance/web/monitor.haljson", "$instance/hal.json"),
    );
    await until(
      "new files",
      () => existsSync(join(home, "elsewhere/p q.status.json")) && existsSync(join(home, "hal.json")),
    );
    await until(
      "old ones are gone",
      () => readdirSync(join(home, "public")).length === 0 && !existsSync(join(home, "web/monitor.haljson")),
    );
  });

  it("by a glob makes an instance of each, also of those that come and go; a bad one stops no other", async () => {
    instance("a");
    instance("b");
    write(root, "broken/etc/monitor.conf", "[monitor]\ntitle = Broken\n");
    const harness = await start({ monitor_conf: join(root, "*/etc/monitor.conf") });
    for (const name of ["a", "b"]) {
      const state = await judged(harness, `promise/${name}/p q`);
      expect(state).toMatchObject({ status: "ok", instance: name });
      expect(harness.board.instances().get(name)?.description.title).toBe("The instance");
    }
    expect(await judged(harness, "promise/broken/monitor-promise")).toMatchObject({
      status: "critical",
      message: expect.stringContaining("there is no promise folder"),
    });
    expect(json("a/web/monitor.haljson")._links.self.href).toBe("/m/a/monitor.haljson");
    expect(ownFile("broken/log")).toBeDefined();

    rmSync(join(root, "a"), { recursive: true });
    instance("c");
    await until("the new one", () => subject(harness, "promise/c/p q")?.event);
    await until(
      "the old one is gone",
      () => harness.board.find("promise/a/p q").length === 0 && !harness.board.instances().has("a"),
    );
  }, 40_000);

  it("by a glob retires nothing because the folder above all cannot be read, and tells it", async () => {
    instance("all/a");
    const conf = join(root, "all/*/etc/monitor.conf");
    const harness = await start({ monitor_conf: conf });
    await judged(harness, "promise/a/p q");
    renameSync(join(root, "all"), join(root, "away"));
    await until(
      "the trouble",
      () => harness.board.find("promise/a/monitor.conf")[0]?.status === "critical",
      30_000,
    );
    expect(harness.board.find("promise/a/p q")).toHaveLength(1);
    await harness.stop();

    const again = await start({ monitor_conf: conf });
    await until("it was looked for", () => again.lines.find((line) => line.includes("ENOENT")));
    expect(again.board.find("promise/a/p q")[0]).toMatchObject({ status: "unknown" });

    renameSync(join(root, "away"), join(root, "all"));
    await until("it is back", () => subject(again, "promise/a/p q")?.status === "ok", 30_000);
    rmSync(join(root, "all/a"), { recursive: true });
    await until("it is gone", () => again.board.find("promise/a/p q").length === 0, 30_000);
  }, 60_000);
});
