import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { state, World } from "./context.ts";
import { useWeb } from "./harness.ts";

const folder = mkdtempSync(join(tmpdir(), "lifeguard-own-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const put = (name: string, text: string) => writeFileSync(join(folder, name), text);

const world = new World();
world.add(state("promise/kvm"));
const resources = [{ name: "web", path: folder, public: false, replaces: "page" as const }];
world.describe("promises", { resources });
const web = useWeb(world);
const page = { headers: { accept: "text/html" } };

describe("the files of a web-folder", () => {
  it("are ours as long as it has none", async () => {
    for (const path of ["/", "/index.html", "/m/promises/", "/m/promises/index.html"])
      expect((await web.ask(path, page)).text).toContain('id="page"');
    expect((await web.ask("/monitor.css")).headers["content-type"]).toMatch(/^text\/css/);
    expect((await web.ask("/monitor.js")).headers["content-type"]).toMatch(/^text\/javascript/);
  });

  it("stand in place of our page's style and script", async () => {
    put("monitor.css", "/* mine */");
    put("monitor.js", "/* mine */");
    for (const path of ["/monitor.css", "/monitor.js", "/m/promises/monitor.js"])
      expect((await web.ask(path)).text).toBe("/* mine */");
    const script = await web.ask("/monitor.js");
    expect(script.headers["content-type"]).toMatch(/^text\/javascript/);
    for (const path of ["/", "/public/kvm/index.html"]) {
      const { text } = await web.ask(path, page);
      expect(text).toContain('<link rel="stylesheet" href="/monitor.css">');
      expect(text).toContain('src="/monitor.js"');
    }
    expect((await web.ask("/m/promises/", page)).text).toContain('src="/m/promises/monitor.js"');
  });

  it("stand in place of our page, which may run their script and no other", async () => {
    put("index.html", '<script src="monitor.js"></script>');
    for (const path of ["/", "/index.html", "/m/promises/"]) {
      const { text, headers } = await web.ask(path, page);
      expect(text).toBe('<script src="monitor.js"></script>');
      expect(headers["content-security-policy"]).toContain("script-src 'self';");
      expect(headers["content-security-policy"]).toContain("default-src 'none'");
    }
    expect((await web.ask("/", { headers: { accept: "application/json" } })).text).toContain('"kvm"');
  });

  it("are those three, and no others", async () => {
    put("other.js", "alert(1)");
    put("other.html", "<h1>other</h1>");
    for (const path of [
      "/other.js",
      "/other.html",
      "/web/other.js",
      "/private/web/other.js",
      "/m/promises/other.js",
    ])
      expect((await web.ask(path)).status).toBe(404);
  });

  it("are not those of one among several instances at the root of all", async () => {
    world.add(state("vim/edge", { source: "vims", instance: "vims" }));
    expect((await web.ask("/", page)).text).toContain('id="page"');
    expect((await web.ask("/m/vims/", page)).text).toContain('id="page"');
    expect((await web.ask("/m/promises/", page)).text).not.toContain('id="page"');
    unlinkSync(join(folder, "index.html"));
    expect((await web.ask("/m/promises/", page)).text).toContain('id="page"');
  });
});

describe("scripts of a cgi-folder", () => {
  it("are never run, and not told from those that are not there", async () => {
    for (const path of [
      "/cgi-bin/action.cgi",
      "/cgi-bin/kvm/action.cgi",
      "/m/promises/cgi-bin/x.cgi",
      "/cgi-bin/",
    ])
      for (const method of ["GET", "POST"]) expect((await web.ask(path, { method })).status).toBe(404);
  });
});

describe("without logins", () => {
  it("there is nothing to log out of, and nothing private", async () => {
    for (const path of ["/logout", "/private", "/private/", "/private/kvm/x"])
      expect((await web.ask(path)).status).toBe(404);
    expect((await web.ask("/", page)).text).not.toMatch(/Log (?:in|out)/);
  });
});
