import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { LifeguardError } from "../../../../src/plugin/index.ts";
import web from "../../../../src/sinks/web/index.ts";
import { startWeb, World } from "./context.ts";

const parse = (listen: string) => web.config.safeParse({ listen });

describe("listen", () => {
  it.each([
    ["127.0.0.1:8080", { host: "127.0.0.1", port: 8080 }],
    ["127.0.0.9:1", { host: "127.0.0.9", port: 1 }],
    ["localhost:0", { host: "127.0.0.1", port: 0 }],
    ["[::1]:8080", { host: "::1", port: 8080 }],
    ["[0:0:0:0:0:0:0:1]:8080", { host: "::1", port: 8080 }],
  ])("takes %s", (listen, expected) => {
    expect(parse(listen).data).toEqual({ listen: expected });
  });

  it("is 127.0.0.1:8080 unless said otherwise", () => {
    expect(web.config.parse({})).toEqual({ listen: { host: "127.0.0.1", port: 8080 } });
  });

  it.each([
    "0.0.0.0:8080",
    "[::]:8080",
    "10.0.0.1:80",
    "example.org:80",
    "127.0.0.1.nip.io:80",
    "[fe80::1]:80",
  ])("refuses %s, as it is not this machine alone", (listen) => {
    expect(parse(listen).error?.issues[0]?.message).toMatch(/not a loopback address/);
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
    "",
  ])("refuses %s as malformed", (listen) => {
    expect(parse(listen).success).toBe(false);
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
    const { sink, url } = await startWeb(world, "[::1]:0");
    expect(url).toMatch(/^http:\/\/\[::1\]:\d+$/);
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    await sink.close();
  });

  it("names the address that is taken", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    const { port } = other.address() as { port: number };
    const failure = await startWeb(new World(), `127.0.0.1:${port}`).catch((error: unknown) => error);
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
    const again = await startWeb(new World(), new URL(url).host);
    await again.sink.close();
  });
});
