import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type PrefixProxy, startPrefixProxy } from "../../servers/prefix-proxy.ts";
import { startSeeded } from "../../servers/seeded-lifeguard.ts";
import type { Lifeguard } from "../../support/lifeguard.ts";
import { temporaryFolder } from "../../support/temp-folder.ts";
import { ask } from "./ask.ts";

const PREFIX = "/ops/lifeguard";
const RUN = "/cgi-bin/monitor-run-promise.cgi?service=kvm-log-parse";

describe.each([
  ["takes the prefix off", true],
  ["leaves the prefix on", false],
])("behind a proxy that %s", (_what, strips) => {
  const folder = temporaryFolder();
  let lifeguard: Lifeguard;
  let proxy: PrefixProxy;
  let direct = "";
  let origin = "";

  beforeAll(async () => {
    proxy = await startPrefixProxy({ target: () => direct, prefix: PREFIX, strips });
    origin = new URL(proxy.url).origin;
    ({ lifeguard, origin: direct } = await startSeeded(folder.path, { web: { base_url: `${proxy.url}/` } }));
  });

  afterAll(async () => {
    await lifeguard?.stop();
    proxy?.close();
    folder[Symbol.dispose]();
  });

  it("every link of every page leads somewhere", async () => {
    const seen = new Set<string>();
    const wanted = [`${PREFIX}/`];
    for (let path = wanted.pop(); path !== undefined; path = wanted.pop()) {
      if (seen.has(path)) continue;
      seen.add(path);
      const { status, headers, text } = await ask(origin, path, {
        headers: { accept: "text/html, */*;q=0.1" },
      });
      expect([path, status < 400]).toEqual([path, true]);
      const links = String(headers["content-type"]).startsWith("text/html")
        ? [...text.matchAll(/(?:href|src)="([^"#]+)"/g)].map(([, href]) =>
            (href as string).replaceAll("&amp;", "&"),
          )
        : [];
      for (const href of [...links, ...(headers.location ? [headers.location] : [])]) {
        const url = new URL(href, origin + path);
        if (url.origin === origin) wanted.push(url.pathname + url.search);
      }
    }
    expect(seen.size).toBeGreaterThan(8);
    expect([...seen].every((path) => path.startsWith(`${PREFIX}/`))).toBe(true);
  });

  it("HAL and feeds name what can be reached", async () => {
    const hal = JSON.parse((await ask(origin, `${PREFIX}/monitor.haljson`)).text);
    for (const { _links } of hal._embedded.service)
      for (const { href } of Object.values(_links) as { href: string }[]) {
        expect(href).toMatch(/^\/ops\/lifeguard\//);
        expect((await ask(origin, href)).status).toBe(200);
      }
    const feed = await ask(origin, `${PREFIX}/feed`);
    expect(feed.text).toContain(`<link>${proxy.url}/</link>`);
  });

  it("a page's own requests are taken, and those of other sites are not", async () => {
    const post = (from: string) => ask(origin, PREFIX + RUN, { method: "POST", headers: { origin: from } });
    expect((await post(origin)).status).toBe(204);
    expect((await post("http://evil.example")).status).toBe(403);
    expect((await post("null")).status).toBe(403);
    const back = await ask(origin, `${PREFIX}/run?service=kvm-log-parse`, {
      method: "POST",
      headers: { origin },
    });
    expect(back).toMatchObject({ status: 303, headers: { location: `${PREFIX}/` } });
  });

  it("events pass", async () => {
    const leave = new AbortController();
    const events = await fetch(`${proxy.url}/events`, { signal: leave.signal });
    const first = await events.body?.getReader().read();
    expect(Buffer.from(first?.value ?? []).toString()).toContain("retry:");
    leave.abort();
  });

  it("it is reached without the proxy, too", async () => {
    for (const path of ["/", `${PREFIX}/`, PREFIX, `${PREFIX}/m/promises/`, "/m/promises/"])
      expect([path, (await ask(direct, path)).status]).toEqual([path, 200]);
    expect((await ask(direct, "/", { headers: { host: new URL(proxy.url).host } })).status).toBe(200);
    expect((await ask(direct, `${PREFIX}x/`)).status).toBe(404);
  });
});
