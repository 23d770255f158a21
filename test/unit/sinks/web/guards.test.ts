import { Agent, request } from "node:http";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { state } from "./context.ts";
import { useWeb } from "./harness.ts";

const web = useWeb();
web.world.add(state("promise/kvm", { description: { commands: ["run"] } }));

const CGI = "/cgi-bin/monitor-run-promise.cgi?service=kvm";

/** Sends bytes as they are, more of them for as long as the server takes them, and returns what came until it ended the connection. */
function raw(bytes: string, more?: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(web.url).port), "127.0.0.1");
    let text = "";
    const send = (error?: Error | null) => {
      if (!error && more !== undefined) socket.write(more, send);
    };
    socket.on("data", (data) => {
      text += data;
    });
    socket.on("error", () => {}).on("close", () => resolve(text));
    if (more === undefined) socket.end(bytes);
    else socket.write(bytes, send);
  });
}

describe("the Host header", () => {
  it.each([
    "localhost",
    "localhost:8080",
    "LOCALHOST:8080",
    "127.0.0.1",
    "127.0.0.1:1",
    "[::1]",
    "[::1]:8080",
  ])("may be %s", async (host) => {
    expect((await web.ask("/livez", { headers: { host } })).status).toBe(200);
  });

  it.each([
    "evil.example",
    "evil.example:8080",
    "localhost.evil.example",
    "127.0.0.1.nip.io",
    "127.0.0.2",
    "localhost:80:80",
    "localhost@evil.example",
    "localhost/",
    "[::2]",
  ])("may not be %s", async (host) => {
    for (const path of [
      "/",
      "/monitor.haljson",
      "/events",
      "/metrics",
      "/nothing",
      "/public/kvm.status.json",
    ]) {
      const answer = await web.ask(path, { headers: { host } });
      expect([400, 421]).toContain(answer.status);
      expect(answer.text).not.toContain("kvm");
    }
    const run = await web.ask(CGI, { method: "POST", headers: { host } });
    expect([400, 421]).toContain(run.status);
    expect(web.world.commands).toEqual([]);
  });

  it.each([
    "GET / HTTP/1.0\r\n\r\n",
    "GET / HTTP/1.1\r\n\r\n",
    "GET / HTTP/1.1\r\nHost:\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: localhost\r\nhost: localhost\r\n\r\n",
  ])("must be there, once: %j", async (request) => {
    const answer = await raw(request);
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d/);
  });
});

describe("a whole URL as an address", () => {
  const get = (target: string) =>
    raw(`GET ${target} HTTP/1.1\r\nHost: ${web.host}\r\nConnection: close\r\n\r\n`);

  it("is taken for its path, as a proxy would", async () => {
    const answer = await get(`http://${web.host}/public/kvm.status.json?x`);
    expect(answer).toMatch(/^HTTP\/1\.1 200 .*"title":"kvm"/s);
    expect(await get(`HTTP://${web.host}`)).toMatch(/^HTTP\/1\.1 200 /);
  });

  it("must name this server, whatever the Host header says", async () => {
    for (const authority of ["evil.example", `me@${web.host}`, ""])
      expect(await get(`http://${authority}/livez`)).toMatch(/^HTTP\/1\.1 4(?:00|21) /);
  });

  it.each(["*", "localhost:80", "ftp://localhost/livez", "public/"])("cannot be %s", async (target) => {
    expect(await get(target)).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe("a body that nobody wants", () => {
  it.each(["Content-Length: 100000000000", "Transfer-Encoding: chunked"])(
    "is not read to its end: %s",
    async (length) => {
      const answer = await raw(
        `POST /nothing HTTP/1.1\r\nHost: ${web.host}\r\n${length}\r\n\r\n`,
        `ffffff\r\n${"a".repeat(0xffffff)}\r\n`,
      );
      expect(answer).toMatch(/^(?:HTTP\/1\.1 405 .*connection: close|$)/is);
    },
  );

  it("ends no connection where it is short", async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const post = () =>
      new Promise<boolean>((resolve, reject) => {
        const sent = request(`${web.url}/nothing`, { method: "POST", agent }, (response) => {
          response.resume().on("end", () => resolve(sent.reusedSocket));
        });
        sent.on("error", reject).end("a".repeat(20_000));
      });
    expect(await post()).toBe(false);
    expect(await post()).toBe(true);
    agent.destroy();
  });
});

describe("a POST", () => {
  it.each([
    { origin: "http://evil.example" },
    { origin: "null" },
    { origin: "http://localhost:9" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
    { origin: "SELF", "sec-fetch-site": "cross-site" },
    { origin: "https-SELF" },
  ])("of another site is refused: %j", async (headers) => {
    const sent: Record<string, string> = { ...headers } as Record<string, string>;
    if (sent.origin?.endsWith("SELF"))
      sent.origin = `${sent.origin.startsWith("https") ? "https" : "http"}://${web.host}`;
    for (const path of [CGI, "/run?service=kvm", "/nothing"])
      expect((await web.ask(path, { method: "POST", headers: sent })).status).toBe(403);
    expect(web.world.commands).toEqual([]);
  });

  it("of our own page and of a program is taken", async () => {
    const own = { origin: web.url, "sec-fetch-site": "same-origin" };
    expect((await web.ask(CGI, { method: "POST", headers: own })).status).toBe(204);
    expect((await web.ask(CGI, { method: "POST" })).status).toBe(204);
  });

  it("to what is only read is 405", async () => {
    const answer = await web.ask("/monitor.haljson", { method: "POST" });
    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toBe("GET, HEAD");
  });

  it("is not read beyond its bound, nor in other forms than a form", async () => {
    const type = { "content-type": "application/x-www-form-urlencoded" };
    expect((await web.ask(CGI, { method: "POST", headers: type, body: "x".repeat(20_000) })).status).toBe(
      413,
    );
    const json = { "content-type": "application/json" };
    expect((await web.ask(CGI, { method: "POST", headers: json, body: "{}" })).status).toBe(415);
  });
});

describe("every answer", () => {
  it.each(["/", "/monitor.haljson", "/feed", "/metrics", "/nothing", "/public/%zz", "/m/nothing/", "/livez"])(
    "forbids scripts, frames and guesses: %s",
    async (path) => {
      const { headers } = await web.ask(path);
      expect(headers["content-security-policy"]).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
      expect(headers["content-security-policy"]).not.toContain("unsafe");
      expect(headers["x-content-type-options"]).toBe("nosniff");
      expect(headers["cross-origin-resource-policy"]).toBe("same-origin");
      expect(headers["access-control-allow-origin"]).toBeUndefined();
    },
  );

  it("has no inline script, style or handler on its pages", async () => {
    for (const path of ["/", "/public/kvm/index.html", "/nothing"]) {
      const { text } = await web.ask(path, { headers: { accept: "text/html" } });
      expect(text).not.toMatch(/<style|\sstyle=|\son[a-z]+=|javascript:/i);
      for (const [script] of text.matchAll(/<script[^>]*>[^<]*/g))
        expect(script).toMatch(/src="\/assets\/[^"]+">$/);
    }
  });
});

describe("what others wrote", () => {
  const hostile = `"'><script>alert(1)</script>&<img src=x onerror=alert(1)>`;

  it("is escaped on every page", async () => {
    web.world.add(
      state("promise/evil", {
        status: "critical",
        message: hostile,
        group: hostile,
        state: hostile,
        description: {
          title: hostile,
          description: hostile,
          commands: ["run"],
          links: [
            { rel: "runbook", href: "javascript:alert(1)", title: hostile },
            { rel: hostile, href: hostile },
          ],
        },
        measures: { [hostile]: { value: 1, unit: hostile, warn: hostile } },
      }),
    );
    web.world.observe("promise/evil", { data: { error: hostile, [hostile]: { nested: hostile } } });
    web.world.configError = hostile;
    web.world.components = [
      { id: "source/x", kind: "source", state: "permanent", status: "critical", message: hostile, since: "" },
    ];
    for (const path of ["/", "/public/evil/index.html"]) {
      const { text, status } = await web.ask(path);
      expect(status).toBe(200);
      expect(text).toContain("&lt;script&gt;");
      expect(text.match(/<script|<img|javascript:[^<]*"/g)).toEqual(["<script"]);
    }
    web.world.configError = null;
    web.world.components = [];
  });

  it("cannot add headers", async () => {
    web.world.onCommand = (subject) => void web.world.observe(subject, {});
    for (const path of [
      "/m/x%0d%0aSet-Cookie:%20a=b",
      "/public/kvm%0d%0aSet-Cookie:%20a=b/",
      "/run?service=kvm&back=%0d%0aSet-Cookie:%20a=b",
    ]) {
      const method = path.startsWith("/run") ? "POST" : "GET";
      const { headers } = await web.ask(path, { method });
      expect(headers["set-cookie"]).toBeUndefined();
    }
  });
});
