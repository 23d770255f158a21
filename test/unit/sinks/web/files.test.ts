import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { state } from "./context.ts";
import { useWeb } from "./harness.ts";

const root = realpathSync(mkdtempSync(join(tmpdir(), "lifeguard-files-")));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const file = (path: string, text: string) => {
  mkdirSync(join(root, path, ".."), { recursive: true });
  writeFileSync(join(root, path), text);
  return join(root, path);
};

file("secret.txt", "SECRET");
file("log/kvm.log", "a line\n");
file("log/sub/deep.log", "deep\n");
file("log/.hidden", "SECRET");
file("log/.git/config", "SECRET");
file("log/script.js", "alert(1)");
file("log/picture.svg", "<svg/>");
file("log/page.html", "<script>alert(1)</script>");
file("log/core.bin", "\0\0");
file("log/100% ü#?.txt", "odd\n");
symlinkSync(join(root, "secret.txt"), join(root, "log/link.txt"));
symlinkSync(root, join(root, "log/up"));
symlinkSync("sub/deep.log", join(root, "log/inside.log"));
symlinkSync(join(root, "secret.txt"), join(root, "linked-resource.log"));
file("private/private.log", "SECRET");
file("ui/index.html", "<h1>my own</h1>");
file("ui/style.css", "h1 { color: red }");
file("single.html", "<h1>single</h1>");
file("report.csv", "a,b\n");

const at = (name: string, path: string, open = true) => ({ name, path: join(root, path), public: open });

const web = useWeb();
web.world.add(
  state("promise/kvm", {
    description: {
      resources: [
        at("kvm.log", "log/kvm.log"),
        at("log", "log"),
        at("private.log", "private/private.log", false),
        at("private", "private", false),
        at("linked.log", "linked-resource.log"),
        at("gone.log", "gone.log"),
        at(".dot", "secret.txt"),
        { name: "zero", path: "/dev/zero", public: true },
      ],
    },
  }),
  state("promise/folder", { description: { resources: [at("interface", "ui")] } }),
  state("promise/page", { description: { resources: [at("index.html", "single.html")] } }),
  state("promise/hidden", { description: { resources: [at("index.html", "single.html", false)] } }),
);
web.world.describe("promises", {
  resources: [at("report.csv", "report.csv"), at("log", "log"), at("kept", "private", false)],
});

describe("public files", () => {
  it.each([
    ["/public/kvm/kvm.log", "a line\n", "text/plain; charset=utf-8"],
    ["/public/kvm/log/sub/deep.log", "deep\n", "text/plain; charset=utf-8"],
    ["/public/kvm/log/100%25%20%C3%BC%23%3F.txt", "odd\n", "text/plain; charset=utf-8"],
    ["/public/report.csv", "a,b\n", "text/csv; charset=utf-8"],
    ["/public/log/kvm.log", "a line\n", "text/plain; charset=utf-8"],
    ["/m/promises/public/kvm/kvm.log", "a line\n", "text/plain; charset=utf-8"],
    ["/m/promises/public/report.csv", "a,b\n", "text/csv; charset=utf-8"],
  ])("are served as described: %s", async (path, text, type) => {
    const answer = await web.ask(path);
    expect(answer).toMatchObject({ status: 200, text });
    expect(answer.headers["content-type"]).toBe(type);
    expect((await web.ask(path, { method: "HEAD" })).status).toBe(200);
  });

  it("are sandboxed, never guessed at, and scripts are no scripts", async () => {
    for (const name of ["kvm.log", "log/page.html", "log/picture.svg", "log/script.js"]) {
      const { headers } = await web.ask(`/public/kvm/${name}`);
      expect(headers["content-security-policy"]).toMatch(/^sandbox; default-src 'none'/);
      expect(headers["x-content-type-options"]).toBe("nosniff");
    }
    expect((await web.ask("/public/kvm/log/script.js")).headers["content-type"]).toMatch(/^text\/plain/);
    expect((await web.ask("/public/kvm/log/core.bin")).headers["content-disposition"]).toBe("attachment");
  });

  it("spare who has them the body", async () => {
    const { etag = "" } = (await web.ask("/public/kvm/kvm.log")).headers;
    const again = await web.ask("/public/kvm/kvm.log", { headers: { "if-none-match": etag } });
    expect(again).toMatchObject({ status: 304, text: "" });
  });

  it("are streamed: a large one does not pass through memory whole", async () => {
    truncateSync(file("log/large.log", ""), 1024 ** 3);
    const before = process.memoryUsage().rss;
    const answer = await fetch(`${web.url}/public/kvm/log/large.log`);
    let bytes = 0;
    for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      if (bytes > 32 * 1024 ** 2) break;
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(256 * 1024 ** 2);
  });
});

describe.runIf(process.platform === "linux")("open files", () => {
  const open = () =>
    readdirSync("/proc/self/fd").filter((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`).startsWith(root);
      } catch {
        return false;
      }
    });

  it("are closed, however the request ends", async () => {
    truncateSync(file("log/endless.log", ""), 1024 ** 3);
    const url = "/public/kvm/log/endless.log";
    const { etag = "" } = (await web.ask(url, { method: "HEAD" })).headers;
    expect((await web.ask(url, { headers: { "if-none-match": etag } })).status).toBe(304);
    expect((await web.ask("/public/kvm/log")).status).toBe(307);
    expect((await web.ask("/public/kvm/log/")).status).toBe(200);
    expect((await web.ask(url, { headers: { range: "bytes=-0" } })).status).toBe(416);
    expect((await web.ask(url, { headers: { range: "bytes=0-0" } })).status).toBe(206);
    expect((await web.ask("/public/kvm/linked.log")).status).toBe(404);
    const leave = new AbortController();
    const answer = await fetch(web.url + url, { signal: leave.signal });
    await answer.body?.getReader().read();
    expect(open()).toHaveLength(1);
    leave.abort();
    await vi.waitFor(() => expect(open()).toEqual([]));
  });
});

describe("nothing else is served", () => {
  it.each([
    "/public/../../../etc/passwd",
    "/public/%2e%2e/%2e%2e/secret.txt",
    "/public/kvm/..%2f..%2fsecret.txt",
    "/public/kvm/log/../secret.txt",
    "/public/kvm/log/..%2fsecret.txt",
    "/public/kvm/log/%2e%2e/secret.txt",
    "/public/kvm/log/..%5csecret.txt",
    "/public/kvm/log/..\\secret.txt",
    "/public/kvm/log//sub/deep.log",
    "/public/kvm/log/%2fetc%2fpasswd",
    "/public/kvm/log/sub%2fdeep.log",
    "/public/kvm/log/kvm.log%00.txt",
    "/public/kvm/log/%252e%252e/secret.txt",
    "/public/kvm/log/%c0%ae%c0%ae/secret.txt",
    "/public/kvm/log/.hidden",
    "/public/kvm/log/%2ehidden",
    "/public/kvm/log/.git/config",
    "/public/kvm/.dot",
    "/public/kvm/log/link.txt",
    "/public/kvm/log/inside.log",
    "/public/kvm/log/up/secret.txt",
    "/public/kvm/linked.log",
    "/public/kvm/zero",
    "/public/kvm/log/nothing/",
    "/public/kvm/log/up/",
    "/public/kvm/log/.git/",
    "/public/kvm/private/",
    "/private/",
    "/private/kvm/",
    "/public/kvm/gone.log",
    "/public/kvm/private.log",
    "/public/kvm/private/private.log",
    "/public/kept/private.log",
    "/public/kvm/kvm.log/..",
    "/private/kvm/private.log",
    "/private/kvm/log/kvm.log",
    "/private/kept/private.log",
    "/m/promises/private/kvm/private.log",
    "/m/promises/public/%2e%2e/%2e%2e/secret.txt",
    "/assets/../../../../package.json",
    "/assets/%2e%2e/server.ts",
    "/m/%2e%2e/public/kvm/private.log",
    "//etc/passwd",
  ])("%s", async (path) => {
    const answer = await web.ask(path);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(answer.text).not.toMatch(/SECRET|root:/);
  });

  it("and no path of this machine is told", async () => {
    for (const path of [
      "/",
      "/public/kvm/index.html",
      "/monitor.haljson",
      "/public/kvm.status.json",
      "/readyz",
    ]) {
      const { text } = await web.ask(path);
      expect(text).not.toContain(root);
      expect(text).not.toContain("private");
    }
  });
});

describe("a service's own interface", () => {
  it("is its page when it is one file", async () => {
    const answer = await web.ask("/public/page/index.html");
    expect(answer).toMatchObject({ status: 200, text: "<h1>single</h1>" });
    expect(answer.headers["content-security-policy"]).toMatch(/^sandbox/);
    expect((await web.ask("/page/index.html")).text).toBe("<h1>single</h1>");
  });

  it("is led to when it is a folder, so that its links work", async () => {
    const answer = await web.ask("/public/folder/index.html");
    expect(answer).toMatchObject({
      status: 307,
      headers: { location: "/public/folder/interface/index.html" },
    });
    expect((await web.ask("/public/folder/interface/index.html")).text).toBe("<h1>my own</h1>");
    expect((await web.ask("/public/folder/interface/style.css")).headers["content-type"]).toMatch(
      /^text\/css/,
    );
    for (const path of ["/public/folder/interface", "/public/folder/interface/"])
      expect((await web.ask(path)).headers.location).toBe("/public/folder/interface/index.html");
  });

  it("is ours when theirs is private", async () => {
    expect((await web.ask("/public/hidden/index.html")).text).toContain("data-whole");
  });

  it("leaves ours within reach", async () => {
    const { text } = await web.ask("/");
    const href = "/default-promise-interface.html?service_name=page";
    expect(text).toContain(`href="${href}"`);
    expect((await web.ask(href)).text).toContain("data-whole");
  });
});
