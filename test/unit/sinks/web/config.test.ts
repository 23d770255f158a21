import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { LifeguardError } from "../../../../src/plugin/index.ts";
import { webConfig } from "../../../../src/sinks/web/config.ts";
import { startWeb, World } from "./context.ts";

const parse = (config: object) => webConfig.safeParse(config);

describe("listen", () => {
  it.each([
    ["127.0.0.1:8080", { host: "127.0.0.1", port: 8080 }],
    ["127.0.0.9:1", { host: "127.0.0.9", port: 1 }],
    ["localhost:0", { host: "127.0.0.1", port: 0 }],
    ["[::1]:8080", { host: "::1", port: 8080 }],
    ["[0:0:0:0:0:0:0:1]:8080", { host: "::1", port: 8080 }],
  ])("takes %s", (listen, expected) => {
    expect(parse({ listen }).data?.listen).toEqual([expected]);
  });

  it("is 127.0.0.1:8080 unless said otherwise", () => {
    expect(parse({}).data?.listen).toEqual([{ host: "127.0.0.1", port: 8080 }]);
  });

  it("takes several", () => {
    expect(parse({ listen: ["127.0.0.1:1", "[::1]:2"] }).data?.listen).toHaveLength(2);
  });

  it.each([
    "8080",
    ":8080",
    "127.0.0.1",
    "127.0.0.1:",
    "127.0.0.1:99999",
    "::1:8080",
    "[::1]",
    "[localhost]:80",
    "example.org:80",
    "127.0.0.1.nip.io:80",
    "",
  ])("refuses %s as malformed", (listen) => {
    expect(parse({ listen, insecure: true }).success).toBe(false);
  });
});

describe("an address that others can reach", () => {
  const open = ["0.0.0.0:8080", "[::]:8080", "10.0.0.1:80", "[fe80::1]:80", ["127.0.0.1:1", "10.0.0.1:80"]];
  const tls = { cert: "c.pem", key: "k.pem" };

  it.each(open)("is refused with neither login nor TLS: %s", (listen) => {
    const [issue] = parse({ listen }).error?.issues ?? [];
    expect(issue).toMatchObject({
      path: ["listen"],
      message: expect.stringMatching(/neither a login nor TLS/),
    });
  });

  it.each(open)("is taken with one of them, or when it is said to be wanted: %s", (listen) => {
    expect(parse({ listen, tls }).success).toBe(true);
    expect(parse({ listen, htpasswd: "users" }).success).toBe(true);
    expect(parse({ listen, insecure: true }).success).toBe(true);
  });
});

describe("base_url", () => {
  it.each(["https://status.example.org", "http://h:8080/a/b/"])("may be %s", (base_url) => {
    expect(parse({ base_url }).data?.base_url?.href).toContain(base_url);
  });

  it.each([
    "/lifeguard",
    "status.example.org",
    "ftp://h/",
    "javascript:alert(1)",
    "https://u:p@h/",
    "https://h/?a=b",
    "https://h/#x",
    "https://h/public/x",
    "https://h/m/",
    "https://h/status",
  ])("may not be %s", (base_url) => {
    expect(parse({ base_url }).success).toBe(false);
  });
});

describe("hosts and proxies", () => {
  it("are names without ports, and addresses or networks", () => {
    expect(
      parse({ hosts: ["status.example.org", "[::1]"], proxies: ["10.0.0.0/8", "fd00::/8"] }).success,
    ).toBe(true);
    for (const host of ["h:80", "http://h", "", "a b"]) expect(parse({ hosts: [host] }).success).toBe(false);
    for (const proxy of ["h", "10.0.0.0/33", "10.0.0.0/8/8", "10.0.0.0/x"])
      expect(parse({ proxies: [proxy] }).success).toBe(false);
  });
});

describe("start", () => {
  it("says once where the page is, with the port that it got", async () => {
    const world = new World();
    const { sink } = await startWeb(world);
    expect(world.logged).toHaveLength(1);
    expect(world.logged[0]).toMatch(/^page at http:\/\/127\.0\.0\.1:\d{2,5}\/$/);
    await sink.close();
  });

  it("writes an IPv6 address as a URL does", async () => {
    const world = new World();
    const { sink, url } = await startWeb(world, { listen: "[::1]:0" });
    expect(url).toMatch(/^http:\/\/\[::1\]:\d+$/);
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    await sink.close();
  });

  it("names the address that is taken", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    const { port } = other.address() as { port: number };
    const failure = await startWeb(new World(), { listen: `127.0.0.1:${port}` }).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(LifeguardError);
    expect(failure).toMatchObject({
      code: "ADDRESS_IN_USE",
      message: expect.stringContaining(`http://127.0.0.1:${port}/ is taken`),
    });
    other.close();
  });

  it("closes within a second, also while clients follow its events, and frees the port", async () => {
    const world = new World();
    const { sink, url } = await startWeb(world);
    const events = await fetch(`${url}/events`);
    const begun = performance.now();
    world.stop.abort();
    await sink.close();
    await events.text().catch(() => {});
    expect(performance.now() - begun).toBeLessThan(1000);
    const again = await startWeb(new World(), { listen: new URL(url).host });
    await again.sink.close();
  });
});
