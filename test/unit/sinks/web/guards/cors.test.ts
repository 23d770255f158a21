import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { webConfig } from "../../../../../src/sinks/web/config.ts";
import { state, World } from "../context.ts";
import { useWeb } from "../harness.ts";

const folder = mkdtempSync(join(tmpdir(), "lifeguard-cors-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const users = join(folder, "users");
/** Apache's htpasswd wrote it; the password is "secret". */
writeFileSync(users, "alice:$2y$04$y7rgrKAYL6a2NAtA7OjC4.N9VYkwQHN3tYqsscrs5s792N6iI.GGW\n");
const login = { authorization: `Basic ${Buffer.from("alice:secret").toString("base64")}` };

const world = new World();
world.add(state("promise/kvm", { description: { public: true, commands: ["run"] } }));
const web = useWeb(world, {
  htpasswd: users,
  cors: ["https://Portal.example.org", "https://*.internal.example.org", "http://127.0.0.1:9000"],
});
const PORTAL = { origin: "https://portal.example.org" };
const CGI = "/cgi-bin/monitor-run-promise.cgi?service=kvm";
const ALLOWED = "access-control-allow-origin";

describe("pages of a trusted origin", () => {
  it.each([
    "https://portal.example.org",
    "https://a.internal.example.org",
    "https://b.a.internal.example.org",
    "http://127.0.0.1:9000",
  ])("such as %s read with a login", async (origin) => {
    const answer = await web.ask("/monitor.haljson", { headers: { ...login, origin } });
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      [ALLOWED]: origin,
      "access-control-allow-credentials": "true",
      "access-control-expose-headers": "ETag, Link, Retry-After",
    });
  });

  it("may read why they are refused", async () => {
    for (const [path, headers, status] of [
      ["/monitor.haljson", PORTAL, 401],
      ["/nothing", { ...PORTAL, ...login }, 404],
    ] as const) {
      const answer = await web.ask(path, { headers });
      expect(answer.status).toBe(status);
      expect(answer.headers[ALLOWED]).toBe(PORTAL.origin);
    }
  });

  it("are told before they ask what they may send, without a login", async () => {
    const answer = await web.ask("/monitor.haljson", {
      method: "OPTIONS",
      headers: {
        ...PORTAL,
        "access-control-request-method": "GET",
        "access-control-request-headers": "authorization",
      },
    });
    expect(answer).toMatchObject({
      status: 204,
      text: "",
      headers: {
        [ALLOWED]: PORTAL.origin,
        "access-control-allow-credentials": "true",
        "access-control-allow-methods": "GET, HEAD, POST",
        "access-control-allow-headers": "Authorization, Content-Type, If-None-Match, Last-Event-ID",
        "access-control-max-age": "600",
      },
    });
  });

  it("send commands with a login, and none without", async () => {
    const headers = { ...PORTAL, "sec-fetch-site": "cross-site" };
    expect((await web.ask(CGI, { method: "POST", headers })).status).toBe(401);
    expect(world.commands).toEqual([]);
    expect((await web.ask(CGI, { method: "POST", headers: { ...headers, ...login } })).status).toBe(204);
    expect(world.commands).toHaveLength(1);
  });
});

describe("pages of any other origin", () => {
  it.each([
    "https://evil.example",
    "http://portal.example.org",
    "https://portal.example.org:8443",
    "https://portal.example.org.evil.example",
    "https://internal.example.org",
    "https://.internal.example.org",
    "https://evil.example/.internal.example.org",
    "https://evilinternal.example.org",
    "https://a.internal.example.org:8443",
    "null",
  ])("such as %s read nothing, and send nothing", async (origin) => {
    const answer = await web.ask("/public/kvm.status.json", { headers: { origin } });
    expect(answer.headers).not.toHaveProperty(ALLOWED);
    const preflight = { origin, "access-control-request-method": "POST" };
    const asked = await web.ask(CGI, { method: "OPTIONS", headers: preflight });
    expect(asked.status).not.toBe(204);
    expect(asked.headers).not.toHaveProperty(ALLOWED);
    expect((await web.ask(CGI, { method: "POST", headers: { ...login, origin } })).status).toBe(403);
  });
});

it("tells caches that answers depend on who asks, beside what else they depend on", async () => {
  for (const path of [
    "/monitor.haljson",
    "/",
    "/badge/promise/kvm.svg",
    "/public/kvm.status.json",
    "/livez",
  ]) {
    const { headers } = await web.ask(path, { headers: login });
    expect(headers.vary, path).toMatch(/\bOrigin\b/);
  }
  expect((await web.ask("/monitor.haljson", { headers: login })).headers.vary).toMatch(/Accept-Encoding/);
});

it("takes origins only", () => {
  for (const wrong of [
    "*",
    "portal.example.org",
    "https://portal.example.org/",
    "https://*",
    "https://a.*.org",
    "null",
  ]) {
    const { error } = webConfig.safeParse({ cors: [wrong] });
    expect(error?.issues[0]?.message, wrong).toMatch(/expected an origin/);
  }
});
