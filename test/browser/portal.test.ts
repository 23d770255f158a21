import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Running, startWeb, state, World } from "../unit/sinks/web/context.ts";
import { Browser, chromium, type Tab } from "./chromium.ts";

if (!chromium)
  console.warn("NO CHROMIUM: nobody asked from a page elsewhere. Install chromium to run these tests.");

describe.skipIf(!chromium)("a page of another origin in Chromium", () => {
  const folder = mkdtempSync(join(tmpdir(), "lifeguard-portal-"));
  const world = new World();
  let [portal, stranger]: Server[] = [];
  let browser: Browser;
  let running: Running;
  let tab: Tab;

  beforeAll(async () => {
    [portal, stranger] = await Promise.all([site(), site()]);
    world.add(state("promise/kvm", { description: { public: true, commands: ["run"] } }));
    const users = join(folder, "users");
    // The password is "secret".
    writeFileSync(users, "alice:$2y$04$y7rgrKAYL6a2NAtA7OjC4.N9VYkwQHN3tYqsscrs5s792N6iI.GGW\n");
    running = await startWeb(world, { htpasswd: users, cors: [originOf(portal as Server)] });
    browser = await Browser.start();
    tab = await browser.tab();
  });
  afterAll(async () => {
    await browser?.stop();
    world.stop.abort();
    await running?.sink.close();
    for (const one of [portal, stranger]) one?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** What the page gets: the status, or that the browser keeps the answer from it. */
  const ask = (path: string, init: object) =>
    tab.value<number | string>(
      `fetch(${JSON.stringify(running.url + path)}, ${JSON.stringify(init)}).then(({ status }) => status, () => "kept from it")`,
    );
  const login = { authorization: `Basic ${Buffer.from("alice:secret").toString("base64")}` };
  const CGI = "/cgi-bin/monitor-run-promise.cgi?service=kvm";

  it("reads and sends commands where it is trusted", async () => {
    await tab.open(originOf(portal as Server));
    expect(await ask("/monitor.haljson", { headers: login })).toBe(200);
    expect(await ask("/monitor.haljson", { credentials: "omit" })).toBe(401);
    expect(await ask(CGI, { method: "POST", headers: login })).toBe(204);
    expect(world.commands).toHaveLength(1);
  });

  it("reads nothing and sends nothing where it is not", async () => {
    await tab.open(originOf(stranger as Server));
    expect(await ask("/monitor.haljson", { headers: login })).toBe("kept from it");
    expect(await ask("/public/kvm.status.json", {})).toBe("kept from it");
    expect(await ask(CGI, { method: "POST", headers: login })).toBe("kept from it");
    expect(world.commands).toHaveLength(1);
  });
});

async function site(): Promise<Server> {
  const server = createServer((_request, response) => {
    response.setHeader("content-type", "text/html").end("<!doctype html><title>Portal</title>");
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  return server;
}

function originOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
