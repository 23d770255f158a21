import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { SlaposMonitor } from "../../servers/slapos-monitor.ts";
import { Lifeguard } from "../../support/lifeguard.ts";
import { temporaryFolder } from "../../support/temp-folder.ts";
import { trusting } from "../../support/trusting.ts";
import { until } from "../../support/until.ts";
import { CERTIFICATE, KEY } from "../../unit/sources/vim-ping/certificate.ts";
import { type ShownMonitor, shownMonitors } from "./related-page.ts";

const python = spawnSync("python3", ["--version"]).status === 0;
if (!python) console.warn("NO PYTHON: no SlapOS monitor was read. Install python3 to run that test.");

/** A lifeguard in a folder of its own, with some promises: what each prints, and the code it ends with. */
function withPromises(
  folder: string,
  name: string,
  promises: Readonly<Record<string, readonly [message: string, code: number]>>,
  web: object,
): Lifeguard {
  const home = join(folder, name);
  const directory = join(home, "promises");
  mkdirSync(directory, { recursive: true });
  for (const [id, [message, code]] of Object.entries(promises)) {
    writeFileSync(join(directory, id), `#!/bin/sh\necho "${message}"\nexit ${code}\n`);
    chmodSync(join(directory, id), 0o755);
  }
  return new Lifeguard(
    home,
    JSON.stringify({ title: name, sources: { promises: { directory, mode: "nagios" } }, sinks: { web } }),
  );
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const pageOf = async (url: string, headers: Record<string, string> = {}) =>
  (await fetch(url, { headers: { accept: "text/html", ...headers } })).text();

describe.skipIf(!python)("a SlapOS monitor", () => {
  it("is read as it is: every version of its status files, and only what is new", async () => {
    using folder = temporaryFolder();
    await using slapos = await SlaposMonitor.start(join(folder.path, "slapos"));
    await using lifeguard = withPromises(
      folder.path,
      "own",
      {},
      { listen: "127.0.0.1:0", related: [slapos.url, "https://127.0.0.1:1"], related_interval: "1s" },
    );
    await lifeguard.ready();
    const url = await lifeguard.url();
    const shown = async () => shownMonitors(await pageOf(url));
    const kvm = await until("the monitor on the page", async () => {
      const [first, second] = await shown();
      return first?.tally.includes("ok") && second?.tally === "dead" ? first : undefined;
    });
    expect(kvm).toMatchObject({ title: "KVM Monitoring interface", tally: "5 critical 1 warning 3 ok" });
    expect(kvm.told).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/ last heard \d+ s ago$/);
    const page = (id: string) => `${slapos.url}default-promise-interface.html?service_name=${id}`;
    expect(kvm.services).toEqual([
      { word: "critical", title: "Buildout", message: "exit 1", href: page("buildout") },
      { word: "critical", title: "Contradiction", message: "contradiction", href: page("contradiction") },
      { word: "critical", title: "Cut off", message: "its status file is not JSON", href: page("cut-off") },
      { word: "critical", title: "Disk", message: "no room", href: page("check-_disk.free%20space%25") },
      {
        word: "critical",
        title: "Not run yet",
        message: "its status file cannot be read: it answers 404 File not found",
        href: page("not-run-yet"),
      },
      { word: "warning", title: "Soon full", message: "91 %", href: page("soon-full") },
      { word: "ok", title: "Cache", message: "cache is warm", href: page("cache-is-warm") },
      { word: "ok", title: "HTTP", message: "200 in 12 ms", href: page("http-answers") },
      { word: "ok", title: "silent", message: "OK", href: page("silent") },
    ]);

    slapos.write("not-run-yet", { status: "OK", message: "ran" });
    slapos.write("cache-is-warm", { status: "BAD", message: "cold" });
    await until("both on the page", async () => {
      const services = (await shown())[0]?.services ?? [];
      const said = services.map(({ word, message }) => `${word} ${message}`);
      return said.includes("ok ran") && said.includes("critical cold");
    });
    // What has not changed for a while is not sent again.
    await until("an answer that nothing is new", () =>
      slapos.requests.some((line) => line.includes('/monitor.haljson HTTP/1.1" 304')),
    );
  });
});

describe("another lifeguard", () => {
  it("that is killed or frozen is shown as dead, delays no page, and is back when it is", async () => {
    using folder = temporaryFolder();
    const port = await freePort();
    await using other = withPromises(
      folder.path,
      "other",
      { well: ["fine", 0], soon: ["nearly", 1], bad: ["broken", 2], lost: ["who knows", 3] },
      { listen: `127.0.0.1:${port}` },
    );
    await using own = withPromises(
      folder.path,
      "own",
      { mine: ["mine", 0] },
      { listen: "127.0.0.1:0", related: [`http://127.0.0.1:${port}`], related_interval: "5s" },
    );
    await other.ready();
    await own.ready();
    const url = await own.url();

    let slowest = 0;
    const monitor = async (): Promise<ShownMonitor | undefined> => {
      const began = performance.now();
      const [shown] = shownMonitors(await pageOf(url));
      slowest = Math.max(slowest, performance.now() - began);
      return shown;
    };
    const alive = () =>
      until(
        "all four verdicts",
        async () => {
          const shown = await monitor();
          return shown?.tally === "1 critical 1 warning 1 unknown 1 ok" ? shown : undefined;
        },
        60_000,
      );
    const dead = (why: RegExp) =>
      until(
        `dead: ${why}`,
        async () => {
          const shown = await monitor();
          return shown?.tally === "dead" && why.test(shown.told) ? shown : undefined;
        },
        60_000,
      );

    const shown = await alive();
    expect(shown.title).toBe("other");
    expect(shown.services.map(({ word, title, message }) => [word, title, message])).toEqual([
      ["critical", "bad", "broken"],
      ["warning", "soon", "nearly"],
      ["unknown", "lost", "who knows"],
      ["ok", "well", "fine"],
    ]);
    expect(shown.services[0]?.href).toBe(`http://127.0.0.1:${port}/public/bad/index.html`);

    slowest = 0;
    await other.crash();
    const killed = await dead(/dead for \d+ s : connection refused$/);
    expect(killed.services.map(({ word }) => word)).toEqual(["stale", "stale", "stale", "stale"]);
    expect(killed.told).toMatch(/last heard \d+ s ago/);
    await other.ready();
    await alive();

    process.kill(other.pid, "SIGSTOP");
    const frozen = performance.now();
    await dead(/no answer within 5 s$/);
    // An interval, a try, a second, and another try.
    expect(performance.now() - frozen).toBeLessThan(30_000);
    process.kill(other.pid, "SIGCONT");
    await alive();
    // All the while every page was there at once, though some answers of the other took five seconds.
    expect(slowest).toBeLessThan(2500);
  });

  it("that protects itself as this one does is read with its login and CA, by each of them", async () => {
    using folder = temporaryFolder();
    const file = (name: string, content: string) => {
      const path = join(folder.path, name);
      writeFileSync(path, content);
      return path;
    };
    const tls = { cert: file("cert.pem", CERTIFICATE), key: file("key.pem", KEY) };
    const htpasswd = file(
      "htpasswd",
      `admin:{SHA}${createHash("sha1").update("pass:word").digest("base64")}\n`,
    );
    const password = `\${file:${file("password", "pass:word")}}`;
    const wrong = `\${file:${file("wrong", "password")}}`;
    const ports = [await freePort(), await freePort()] as const;
    const root = (at: 0 | 1) => `https://127.0.0.1:${ports[at]}/`;
    const web = (at: 0 | 1, related: readonly unknown[]) => ({
      listen: `127.0.0.1:${ports[at]}`,
      htpasswd,
      tls,
      related,
      related_interval: "1s",
    });
    const entry = { username: "admin", password, ca: tls.cert };
    await using paris = withPromises(
      folder.path,
      "paris",
      { seine: ["flows", 0] },
      web(0, [{ ...entry, url: root(1) }]),
    );
    await using lille = withPromises(
      folder.path,
      "lille",
      { deule: ["dry", 2] },
      web(1, [
        { ...entry, url: root(0) },
        { ...entry, url: `${root(0)}m/promises/`, password: wrong, title: "wrong" },
        `${root(1)}`,
      ]),
    );
    await Promise.all([paris.ready(), lille.ready()]);

    const page = (at: 0 | 1, headers: Record<string, string> = {}) => trusting(root(at), headers);
    const login = { authorization: `Basic ${Buffer.from("admin:pass:word").toString("base64")}` };
    const monitors = async (at: 0 | 1) => shownMonitors((await page(at, login)).text);
    const [ofLille] = await until("Lille in Paris", async () => {
      const shown = await monitors(0);
      return shown[0]?.tally === "1 critical" ? shown : undefined;
    });
    expect(ofLille).toMatchObject({
      title: "lille",
      services: [{ word: "critical", title: "deule", message: "dry" }],
    });
    const [ofParis, refused, untrusted] = await until(
      "Paris in Lille, and two that cannot be read",
      async () => {
        const shown = await monitors(1);
        return shown[0]?.tally === "1 ok" && shown[1]?.tally === "dead" && shown[2]?.tally === "dead"
          ? shown
          : undefined;
      },
    );
    expect(ofParis).toMatchObject({
      title: "paris",
      services: [{ word: "ok", title: "seine", message: "flows" }],
    });
    expect(refused?.told).toMatch(/it refuses the login$/);
    expect(untrusted?.told).toMatch(/its certificate is not trusted: name its file as `ca` under `related`$/);

    // What one reads with its login it shows to nobody without.
    for (const path of ["", "related", "monitor.haljson"])
      expect((await trusting(root(0) + path)).status).toBe(401);
    for (const path of ["public/", "public/monitor.haljson", "public/feeds"]) {
      const open = await trusting(root(0) + path);
      expect([path, open.status, open.text.includes("deule") || open.text.includes(root(1))]).toEqual([
        path,
        200,
        false,
      ]);
    }
    for (const one of [paris, lille]) expect(one.output).not.toContain("pass:word");
  });
});
