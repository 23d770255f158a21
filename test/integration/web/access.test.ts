import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PASSWORD, SECRET } from "../../servers/seed-instance.ts";
import { startSeeded } from "../../servers/seeded-lifeguard.ts";
import type { Lifeguard } from "../../support/lifeguard.ts";
import { temporaryFolder } from "../../support/temp-folder.ts";
import { until } from "../../support/until.ts";
import { ask, basic } from "./ask.ts";

/** Apache's own tool writes the logins. */
function htpasswd(file: string, options: string, name: string, password: string): void {
  const { status, stderr, error } = spawnSync("htpasswd", [options, file, name, password], {
    encoding: "utf8",
  });
  if (error) throw new Error("htpasswd is missing: install apache2-utils", { cause: error });
  if (status !== 0) throw new Error(stderr);
}

const folder = temporaryFolder();
const users = join(folder.path, "users.htpasswd");
let lifeguard: Lifeguard;
let origin: string;
const alice = basic("alice", "correct horse");

beforeAll(async () => {
  htpasswd(users, "-cbB", "alice", "correct horse");
  htpasswd(users, "-bm", "bob", "bätter:y");
  htpasswd(users, "-bs", "carol", "staple");
  ({ lifeguard, origin } = await startSeeded(folder.path, { web: { htpasswd: "./users.htpasswd" } }));
  symlinkSync(join(folder.path, "instance/secret.txt"), join(folder.path, "instance/var/log/link.txt"));
  symlinkSync(join(folder.path, "instance"), join(folder.path, "instance/var/log/up"));
});

afterAll(async () => {
  await lifeguard?.stop();
  folder[Symbol.dispose]();
});

describe("without a login", () => {
  it.each([
    "/",
    "/monitor.haljson",
    "/feed",
    "/feed.atom",
    "/events",
    "/metrics",
    "/m/promises/",
    "/m/promises/monitor.haljson",
    "/private/",
    "/private/kvm-log-parse/",
    "/private/kvm-log-parse/log/kvm.log",
    "/private/kvm-log-parse/interface/index.html",
    "/private/backup/dump.sql",
    "/cgi-bin/monitor-run-promise.cgi?service=kvm-log-parse",
    "/nothing",
    "/public/nothing.status.json",
  ])("%s asks for one", async (path) => {
    const { status, headers, text } = await ask(origin, path);
    expect(status).toBe(401);
    expect(headers["www-authenticate"]).toMatch(/^Basic realm="Private access"/);
    expect(text).not.toMatch(/kvm|dump|my own/);
  });

  it.each([
    "/livez",
    "/readyz",
    "/public/",
    "/public/monitor.haljson",
    "/public/monitor.global.json",
    "/public/feed",
    "/public/kvm-log-parse.status.json",
    "/public/kvm-log-parse.history.json",
    "/public/kvm-log-parse/index.html",
    "/public/kvm-log-parse/kvm.log",
    "/kvm-log-parse/status.json",
    "/kvm-log-parse/index.html",
    "/default-promise-interface.html?service_name=kvm-log-parse",
    "/m/promises/public/kvm-log-parse.status.json",
  ])("%s is open", async (path) => {
    expect((await ask(origin, path)).status).toBe(200);
  });

  it("nothing is run", async () => {
    for (const path of [
      "/cgi-bin/monitor-run-promise.cgi?service=kvm-log-parse",
      "/run?service=kvm-log-parse",
    ])
      expect((await ask(origin, path, { method: "POST" })).status).toBe(401);
    expect(lifeguard.output).not.toContain("sent run");
  });
});

describe("a private file", () => {
  it.each([
    "/public/kvm-log-parse/log/kvm.log",
    "/public/kvm-log-parse/log/",
    "/public/kvm-log-parse/interface/index.html",
    "/public/backup/dump.sql",
    "/kvm-log-parse/log/kvm.log",
    "/m/promises/public/backup/dump.sql",
  ])("is not had by a public path, with a login or without: %s", async (path) => {
    expect((await ask(origin, path)).status).toBe(401);
    expect((await ask(origin, path, { headers: alice })).status).toBe(404);
  });

  it.each([
    "/PRIVATE/backup/dump.sql",
    "/%70rivate/backup/dump.sql",
    "//private/backup/dump.sql",
    "/./private/backup/dump.sql",
    "/public/../private/backup/dump.sql",
    "/public/..;/private/backup/dump.sql",
    "/public/%2e%2e/private/backup/dump.sql",
    "/public/%252e%252e/private/backup/dump.sql",
    "/public/..%2fprivate/backup/dump.sql",
    "/public/..%5cprivate%5cbackup%5cdump.sql",
    "/public/..\\private\\backup\\dump.sql",
    "/private/backup/dump.sql%00.html",
    "/m/promises%2fprivate/backup/dump.sql",
    "/m//private/backup/dump.sql",
  ])("is not had without a login by another spelling: %s", async (path) => {
    const { status, text } = await ask(origin, path);
    expect(status).toBe(401);
    expect(text).not.toContain("a dump");
  });

  it.each([
    ["HEAD", {}],
    ["OPTIONS", {}],
    ["TRACE", {}],
    ["PROPFIND", {}],
    ["POST", { "x-http-method-override": "GET" }],
    ["GET", { "x-original-url": "/livez" }],
    ["GET", { "if-none-match": "*", "if-modified-since": "Fri, 01 Jan 2100 00:00:00 GMT" }],
    ["GET", { range: "bytes=0-0" }],
  ])("tells nothing of itself without a login: %s %j", async (method, headers) => {
    const answer = async (path: string) => {
      const { status, headers: told, text } = await ask(origin, path, { method, headers });
      return { status, text, told: { ...told, date: "" } };
    };
    const there = await answer("/private/backup/dump.sql");
    expect(there).toMatchObject({ status: 401, told: { "cache-control": "no-store" } });
    expect(there).toEqual(await answer("/private/backup/nothing"));
  });

  it("is had with a login, in part too", async () => {
    const get = (path: string, headers = {}) => ask(origin, path, { headers: { ...alice, ...headers } });
    expect((await get("/private/kvm-log-parse/log/kvm.log")).text).toBe("a line\n");
    expect((await get("/private/backup/dump.sql")).text).toBe("a dump");
    expect(await get("/private/kvm-log-parse/log/report.csv", { range: "bytes=2-4" })).toMatchObject({
      status: 206,
      text: "234",
    });
    expect((await get("/private/kvm-log-parse/log/")).text).toContain('<a href="./kvm.log">kvm.log</a>');
    expect((await get("/private/")).text).toContain('<a href="./kvm-log-parse/">');
    expect((await get("/public/kvm-log-parse/index.html")).headers.location).toBe(
      "/private/kvm-log-parse/interface/index.html",
    );
    expect((await get("/private/kvm-log-parse/interface/index.html")).text).toBe("<h1>my own</h1>");
  });
});

describe("a login in a URL of monitor.conf", () => {
  it("stands in no document, no file and no log", async () => {
    for (const path of ["/monitor.haljson", "/m/promises/monitor.haljson", "/public/feeds", "/related"]) {
      const { text } = await ask(origin, path, { headers: alice });
      expect(text).toContain("//127.0.0.1:1/");
      expect(text).not.toContain(PASSWORD);
    }
    const { path } = folder;
    expect(readFileSync(join(path, "instance/srv/monitor/web/monitor.haljson"), "utf8")).toContain(
      "http://127.0.0.1:1/",
    );
    // In the journal neither, which all events are read from.
    const { stdout } = spawnSync("grep", ["-rlaF", PASSWORD, path], { encoding: "utf8" });
    expect(stdout.trim()).toBe(join(path, "instance/etc/monitor.conf"));
    expect(lifeguard.output).toContain("a login in a URL of monitor-url-list is left out");
    expect(lifeguard.output).not.toContain(PASSWORD);
  });
});

describe("an operator's own files", () => {
  it("of the web-folder stand in place of ours, for who has logged in", async () => {
    const put = (name: string, text: string) =>
      writeFileSync(join(folder.path, "instance/srv/monitor/web", name), text);
    const get = (path: string, headers: Record<string, string> = alice) =>
      ask(origin, path, { headers: { ...headers, accept: "text/html" } });
    expect((await get("/")).text).toContain('id="page"');
    put("monitor.css", "/* mine */");
    expect((await get("/")).text).toContain('href="/monitor.css"');
    expect((await get("/monitor.css")).text).toBe("/* mine */");
    put("index.html", '<script src="monitor.js"></script>');
    put("monitor.js", "/* mine */");
    put("other.js", "/* mine */");
    expect((await get("/")).text).toBe('<script src="monitor.js"></script>');
    expect((await get("/monitor.js")).headers["content-type"]).toMatch(/^text\/javascript/);
    expect((await get("/other.js")).status).toBe(404);
    expect((await get("/private/web/other.js")).headers["content-type"]).toMatch(/^text\/plain/);
    expect((await get("/monitor.js", {})).status).toBe(401);
    expect((await get("/public/", {})).text).toContain('id="page"');
  });
});

describe("what monitors.yaml says is not public", () => {
  it("is not, though the source says that it is", async () => {
    using own = temporaryFolder();
    const { lifeguard: closed, origin: at } = await startSeeded(own.path, {
      source: { public: false },
      web: { htpasswd: users },
      headers: alice,
    });
    await using _ = closed;
    for (const one of [
      "/public/kvm-log-parse.status.json",
      "/public/kvm-log-parse/kvm.log",
      "/m/promises/public/",
    ])
      expect((await ask(at, one)).status).toBe(401);
    expect((await ask(at, "/public/monitor.haljson")).text).not.toContain("kvm");
  });
});

describe("traversal", () => {
  it.each(["/public", "/private", "/m/promises/public", "/m/promises/private"])(
    "out of %s leads nowhere",
    async (tree) => {
      for (const path of [
        "/../../../etc/passwd",
        "/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/kvm-log-parse/../../secret.txt",
        "/kvm-log-parse/log/../../../secret.txt",
        "/kvm-log-parse/log/..%2f..%2f..%2fsecret.txt",
        "/kvm-log-parse/log/%2e%2e/%2e%2e/secret.txt",
        "/kvm-log-parse/log/..%5c..%5csecret.txt",
        "/kvm-log-parse/log/link.txt",
        "/kvm-log-parse/log/up/secret.txt",
        "/kvm-log-parse/log//../up/secret.txt",
        "/kvm-log-parse/%00/secret.txt",
        "//etc/passwd",
      ])
        for (const headers of [{}, alice]) {
          const { status, text } = await ask(origin, tree + path, { headers });
          expect([path, status >= 400 && status < 500]).toEqual([path, true]);
          expect(text).not.toContain(SECRET);
          expect(text).not.toContain("root:");
        }
    },
  );
});

describe("a login", () => {
  it.each([
    ["alice", "correct horse"],
    ["bob", "bätter:y"],
    ["carol", "staple"],
  ])("that htpasswd wrote is good: %s", async (name, password) => {
    const headers = basic(name, password);
    expect((await ask(origin, "/monitor.haljson", { headers })).text).toContain("kvm-log-parse");
  });

  it("that is wrong is refused, for what is open too", async () => {
    for (const headers of [
      basic("alice", "wrong"),
      basic("nobody", "correct horse"),
      { authorization: "Basic %%%" },
    ])
      for (const path of ["/", "/public/"]) expect((await ask(origin, path, { headers })).status).toBe(401);
  });

  it("is left by /logout", async () => {
    expect((await ask(origin, "/logout", { headers: alice })).status).toBe(401);
    expect(
      (await ask(origin, "/cgi-bin/monitor-logout.cgi", { method: "POST", headers: alice })).status,
    ).toBe(401);
  });

  it("that is being checked keeps nobody waiting", async () => {
    htpasswd(users, "-bBC13", "slow", "password");
    await until("the login", () => lifeguard.output.includes("logins read again"));
    const order: string[] = [];
    const slow = ask(origin, "/monitor.haljson", { headers: basic("slow", "password") }).then(({ status }) =>
      order.push(`slow ${status}`),
    );
    for (let at = 0; at < 3; at++) order.push(`open ${(await ask(origin, "/livez")).status}`);
    await slow;
    expect(order).toEqual(["open 200", "open 200", "open 200", "slow 200"]);
    spawnSync("htpasswd", ["-D", users, "slow"]);
    const headers = basic("slow", "password");
    await until("the login is gone", async () => (await ask(origin, "/", { headers })).status === 401);
  });

  it("that was taken out of the file is refused", async () => {
    const headers = basic("carol", "staple");
    expect((await ask(origin, "/", { headers })).status).toBe(200);
    spawnSync("htpasswd", ["-D", users, "carol"]);
    await until("the login is gone", async () => (await ask(origin, "/", { headers })).status === 401);
  });

  it("is tried out a few times only, and who is in stays in", async () => {
    const from = { "x-forwarded-for": "203.0.113.9" };
    const statuses: number[] = [];
    // On a slow machine a few are forgotten meanwhile.
    while (!statuses.includes(429) && statuses.length < 50) {
      const guess = basic("alice", `guess ${statuses.length}`);
      statuses.push((await ask(origin, "/", { headers: { ...guess, ...from } })).status);
    }
    expect(statuses.slice(0, 10)).toEqual(Array(10).fill(401));
    expect(statuses.at(-1)).toBe(429);
    expect((await ask(origin, "/", { headers: { ...alice, ...from } })).status).toBe(200);
  });
});

describe("a command", () => {
  it("is noted with who sent it, in the log and as an event", async () => {
    const leave = new AbortController();
    const events = await fetch(`${origin}/events?types=lifeguard.command.sent`, {
      headers: alice,
      signal: leave.signal,
    });
    let told = "";
    const reading = (async () => {
      for await (const part of events.body as AsyncIterable<Uint8Array>) told += Buffer.from(part);
    })().catch(() => {});
    const run = "/cgi-bin/monitor-run-promise.cgi?service=kvm-log-parse";
    expect((await ask(origin, run, { method: "POST", headers: alice })).status).toBe(204);
    await until("the event", () => told.includes("lifeguard.command.sent"));
    expect(told).toContain('"by":"alice"');
    expect(told).toContain('"subject":"promise/kvm-log-parse"');
    expect(lifeguard.output).toContain("alice at 127.0.0.1 sent run to promise/kvm-log-parse");
    lifeguard.cli("check", "promise/kvm-log-parse");
    await until("the event of the command line", () => told.includes("at the control socket"));
    leave.abort();
    await reading;
  });

  it("is no script of the cgi-folder", async () => {
    for (const path of [
      "/cgi-bin/action.cgi",
      "/m/promises/cgi-bin/action.cgi",
      "/cgi-bin/kvm-log-parse/action.cgi",
    ])
      for (const method of ["GET", "POST"])
        expect((await ask(origin, path, { method, headers: alice })).status).toBe(404);
    expect(existsSync(join(folder.path, "instance/ran"))).toBe(false);
  });
});
