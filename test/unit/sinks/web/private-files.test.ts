import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { state, World } from "./context.ts";
import { useWeb } from "./harness.ts";

const root = realpathSync(mkdtempSync(join(tmpdir(), "lifeguard-private-")));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const file = (path: string, text: string) => {
  mkdirSync(join(root, path, ".."), { recursive: true });
  writeFileSync(join(root, path), text);
  return join(root, path);
};

file("outside.txt", "SECRET");
file("log/kvm.log", "0123456789");
file("log/empty.log", "");
file("log/b/deep.log", "deep\n");
file("log/a <&'>.txt", "odd\n");
file("log/.hidden", "SECRET");
file("log/script.js", "alert(1)");
file("log/page.html", "<script>alert(1)</script>");
symlinkSync(join(root, "outside.txt"), join(root, "log/link.txt"));
symlinkSync(root, join(root, "log/up"));
file("ui/index.html", "<h1>my own</h1>");
file("backup.tar", "backup");
mkdirSync(join(root, "many"));
for (let at = 0; at < 1001; at++) file(`many/${at}.txt`, "");

const at = (name: string, path: string, open = false) => ({ name, path: join(root, path), public: open });
const users = file("users", "alice:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n");
const login = { authorization: `Basic ${Buffer.from("alice:secret").toString("base64")}` };

const world = new World();
world.add(
  state("promise/kvm", {
    description: { public: true, resources: [at("log", "log"), at("interface", "ui"), at("many", "many")] },
  }),
  state("promise/both", { description: { public: true, resources: [at("x.log", "log/kvm.log", true)] } }),
);
world.describe("promises", { public: true, resources: [at("backup.tar", "backup.tar")] });
const web = useWeb(world, { htpasswd: users });
const ask = (path: string, headers: Record<string, string> = {}, method = "GET") =>
  web.ask(path, { headers: { ...login, ...headers }, method });

describe("a private file", () => {
  it.each([
    ["/private/kvm/log/kvm.log", "0123456789"],
    ["/private/kvm/log/b/deep.log", "deep\n"],
    ["/private/kvm/log/a%20%3C%26'%3E.txt", "odd\n"],
    ["/private/backup.tar", "backup"],
    ["/m/promises/private/kvm/log/kvm.log", "0123456789"],
    ["/m/promises/private/backup.tar", "backup"],
  ])("is served to who has logged in: %s", async (path, text) => {
    const answer = await ask(path);
    expect(answer).toMatchObject({ status: 200, text });
    expect(answer.headers["content-security-policy"]).toMatch(/^sandbox; default-src 'none'/);
    const head = await ask(path, {}, "HEAD");
    expect(head).toMatchObject({ status: 200, text: "" });
    expect(head.headers["content-length"]).toBe(String(text.length));
  });

  it("is asked a login for, and is no public file with one", async () => {
    for (const path of ["/private/kvm/log/kvm.log", "/private/backup.tar"]) {
      expect((await web.ask(path)).status).toBe(401);
      expect((await ask(path.replace("private", "public"))).status).toBe(404);
    }
    expect((await ask("/private/both/x.log")).status).toBe(404);
  });

  it("cannot script", async () => {
    const { headers } = await ask("/private/kvm/log/script.js");
    expect(headers["content-type"]).toMatch(/^text\/plain/);
    expect(headers["x-content-type-options"]).toBe("nosniff");
    expect((await ask("/private/kvm/log/page.html")).headers["content-security-policy"]).toMatch(/^sandbox;/);
  });

  it.each([
    "/private/kvm/log/.hidden",
    "/private/kvm/log/link.txt",
    "/private/kvm/log/up/outside.txt",
    "/private/kvm/log/../../outside.txt",
    "/private/kvm/log/%2e%2e/outside.txt",
    "/private/kvm/log/..%2foutside.txt",
    "/private/kvm/log/b%2fdeep.log",
    "/private/../outside.txt",
    "/private/%2e%2e/outside.txt",
    "/private//etc/passwd",
    "/private/kvm//etc/passwd",
    "/private/kvm/log/kvm.log/x",
    "/m/promises/private/%2e%2e/%2e%2e/outside.txt",
  ])("is nothing else: %s", async (path) => {
    const answer = await ask(path);
    expect(answer.status).toBe(404);
    expect(answer.text).not.toMatch(/SECRET|root:/);
  });
});

describe("a range", () => {
  const url = "/private/kvm/log/kvm.log";

  it.each([
    ["bytes=0-3", "0123", "bytes 0-3/10"],
    ["bytes=4-", "456789", "bytes 4-9/10"],
    ["bytes=-2", "89", "bytes 8-9/10"],
    ["bytes=-99", "0123456789", "bytes 0-9/10"],
    ["bytes=8-99", "89", "bytes 8-9/10"],
    ["BYTES=0-0", "0", "bytes 0-0/10"],
  ])("%s is a part", async (range, text, contentRange) => {
    const answer = await ask(url, { range });
    expect(answer).toMatchObject({ status: 206, text });
    expect(answer.headers).toMatchObject({
      "content-range": contentRange,
      "content-length": String(text.length),
      "accept-ranges": "bytes",
    });
  });

  it.each(["bytes=10-", "bytes=99-100", "bytes=-0"])("%s is beyond the file", async (range) => {
    const answer = await ask(url, { range });
    expect(answer).toMatchObject({ status: 416, text: "" });
    expect(answer.headers["content-range"]).toBe("bytes */10");
  });

  it.each(["bytes=0-1,4-5", "bytes=3-1", "bytes=-", "bytes=a-b", "lines=0-1", "0-1", "bytes=1e1-"])(
    "%s is the whole file",
    async (range) => {
      expect(await ask(url, { range })).toMatchObject({ status: 200, text: "0123456789" });
    },
  );

  it("holds only for the file that the client has the rest of", async () => {
    const { etag = "", "last-modified": modified = "" } = (await ask(url)).headers;
    const status = async (only: string) => (await ask(url, { range: "bytes=0-1", "if-range": only })).status;
    expect(await status(etag)).toBe(206);
    expect(await status(modified)).toBe(206);
    expect(await status('"another"')).toBe(200);
    expect(await status(`W/${etag}`)).toBe(200);
    expect(await status("Thu, 01 Jan 1970 00:00:00 GMT")).toBe(200);
  });

  it("of an empty file has nothing", async () => {
    expect((await ask("/private/kvm/log/empty.log", { range: "bytes=0-" })).status).toBe(416);
    expect(await ask("/private/kvm/log/empty.log")).toMatchObject({ status: 200, text: "" });
  });

  it("is not needed where the client has the file", async () => {
    const { etag = "", "last-modified": modified = "" } = (await ask(url)).headers;
    expect((await ask(url, { "if-none-match": `"x", ${etag}` })).status).toBe(304);
    expect((await ask(url, { "if-modified-since": modified })).status).toBe(304);
    expect((await ask(url, { "if-modified-since": "Thu, 01 Jan 1970 00:00:00 GMT" })).status).toBe(200);
  });
});

describe("a folder", () => {
  it("is listed, folders first, without what is hidden or leads away", async () => {
    const { status, text } = await ask("/private/kvm/log/");
    expect(status).toBe(200);
    const names = [...text.matchAll(/<a href="\.\/([^"]*)">([^<]*)<\/a>/g)].map(([, href, name]) => [
      href,
      name,
    ]);
    expect(names).toEqual([
      ["b/", "b/"],
      ["a%20%3C%26&#39;%3E.txt", "a &lt;&amp;&#39;&gt;.txt"],
      ["empty.log", "empty.log"],
      ["kvm.log", "kvm.log"],
      ["page.html", "page.html"],
      ["script.js", "script.js"],
    ]);
    expect(text).not.toMatch(/\.hidden|link\.txt|>up/);
    expect(text).not.toContain(root);
  });

  it("is led to with its slash, so that relative links lead where they should", async () => {
    for (const path of ["/private/kvm/log/b", "/private/kvm/log"])
      expect((await ask(path)).headers.location).toBe(`${path}/`);
    expect((await ask("/private/kvm")).headers.location).toBe("/private/kvm/");
    expect((await ask("/private")).headers.location).toBe("/private/");
  });

  it("is the same one's on every way, where two services have the same id", async () => {
    const other = { source: "others", instance: "promises" };
    world.add(
      state("promise/a/twice", { description: { resources: [at("log", "log")] } }),
      state("promise/b/twice", { ...other, description: { resources: [at("log", "many")] } }),
    );
    const which = "?source=others&origin=here";
    expect((await ask("/private/twice/log/")).status).toBe(300);
    expect((await ask(`/private/twice${which}`)).headers.location).toBe(`/private/twice/${which}`);
    expect((await ask(`/private/twice/log${which}`)).headers.location).toBe(`/private/twice/log/${which}`);
    const { text } = await ask(`/private/twice/log/${which}`);
    expect(text).toContain(`<a href="./1.txt${which.replace("&", "&amp;")}">1.txt</a>`);
  });

  it("shows a thousand entries, and that there are more", async () => {
    const { text } = await ask("/private/kvm/many/");
    expect(text.match(/<a href="\.\//g)).toHaveLength(1000);
    expect(text).toContain("There is more here than is shown.");
  });

  it("is what the private tree and a service of it begin with", async () => {
    const top = (await ask("/private/")).text;
    expect(top).toContain('<a href="./kvm/">kvm/</a>');
    expect(top).toContain('<a href="./backup.tar">backup.tar</a>');
    expect(top).not.toContain("both");
    expect((await ask("/private/kvm/")).text).toContain('<a href="./log">log</a>');
  });
});

describe("a private interface", () => {
  it("is a service's page for who has logged in, and ours for everybody else", async () => {
    expect((await ask("/public/kvm/index.html")).headers.location).toBe("/private/kvm/interface/index.html");
    expect((await ask("/kvm/index.html")).headers.location).toBe("/private/kvm/interface/index.html");
    expect((await ask("/private/kvm/interface/index.html")).text).toBe("<h1>my own</h1>");
    expect((await web.ask("/public/kvm/index.html")).text).toContain("data-whole");
  });

  it("leaves ours within reach", async () => {
    const answer = await ask("/default-promise-interface.html?service_name=kvm");
    expect(answer.text).toContain("data-whole");
    expect(answer.text).toContain('<a href="/private/kvm/log">log</a>');
  });
});
