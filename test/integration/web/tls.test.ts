import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:https";
import { join } from "node:path";
import { connect, type TLSSocket } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeCertificate } from "../../servers/certificate.ts";
import { LAUNCHER, Lifeguard } from "../../support/lifeguard.ts";
import { temporaryFolder } from "../../support/temp-folder.ts";
import { until } from "../../support/until.ts";
import { ask } from "./ask.ts";

const folder = temporaryFolder();
const files = { cert: join(folder.path, "cert.pem"), key: join(folder.path, "key.pem") };
let lifeguard: Lifeguard;
let ca: string;
let urls: readonly URL[];

beforeAll(async () => {
  ca = makeCertificate(files, "first");
  lifeguard = new Lifeguard(
    folder.path,
    `sinks:
  web:
    listen: ["127.0.0.1:0", "[::1]:0"]
    tls: { cert: ./cert.pem, key: ./key.pem }
`,
  );
  await lifeguard.ready();
  const addresses = () =>
    [...lifeguard.output.matchAll(/page at (https:\/\/[^\s"]+)/g)].map(([, url]) => new URL(url as string));
  await until("both addresses", () => addresses().length === 2);
  urls = addresses();
});

afterAll(async () => {
  await lifeguard?.stop();
  folder[Symbol.dispose]();
});

/** The name in the certificate that a new connection is shown. */
async function shown(): Promise<string> {
  const socket: TLSSocket = connect({
    host: "127.0.0.1",
    port: Number(urls[0]?.port),
    rejectUnauthorized: false,
  });
  await once(socket, "secureConnect");
  const { CN } = socket.getPeerCertificate().subject;
  socket.destroy();
  return String(CN);
}

/** One request on a connection that stays. */
function askOn(agent: Agent): Promise<{ readonly status: number; readonly reused: boolean }> {
  return new Promise((resolve, reject) => {
    const { port } = urls[0] as URL;
    const sent = request(
      { host: "127.0.0.1", port, path: "/livez", agent, rejectUnauthorized: false },
      (answer) => {
        answer
          .resume()
          .on("end", () => resolve({ status: answer.statusCode ?? 0, reused: sent.reusedSocket }));
      },
    );
    sent.on("error", reject).end();
  });
}

describe("TLS", () => {
  it("serves the same on every address, IPv6 too", async () => {
    expect(urls.map(({ hostname }) => hostname)).toEqual(["127.0.0.1", "[::1]"]);
    for (const url of urls) {
      expect((await ask(url.origin, "/monitor.haljson", { ca })).status).toBe(200);
      await expect(ask(url.origin, "/livez")).rejects.toThrow(/self-signed/);
      await expect(ask(url.origin.replace("https", "http"), "/livez")).rejects.toThrow();
    }
  });

  it("knows its own pages, and names itself as it was asked", async () => {
    const { origin } = urls[0] as URL;
    const post = (from: string) =>
      ask(origin, "/run?service=x", { method: "POST", headers: { origin: from }, ca });
    expect((await post(origin)).status).toBe(404);
    expect((await post(origin.replace("https", "http"))).status).toBe(403);
    expect((await ask(origin, "/feed", { ca })).text).toContain(`<link>${origin}/</link>`);
  });

  it("takes over a changed certificate, and ends no connection", async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    expect(await askOn(agent)).toEqual({ status: 200, reused: false });
    makeCertificate(files, "second");
    await until("the new certificate", async () => (await shown()) === "second");
    expect(await askOn(agent)).toEqual({ status: 200, reused: true });
    agent.destroy();
  });

  it("keeps the one it has while a new one cannot be used, and says so", async () => {
    const good = readFileSync(files.cert, "utf8");
    writeFileSync(files.cert, good.slice(0, 200));
    await until("a word in the log", () => lifeguard.output.includes("the certificate stays as it was"));
    expect(await shown()).toBe("second");
    writeFileSync(files.cert, good);
    makeCertificate(files, "third");
    await until("the next certificate", async () => (await shown()) === "third");
  });
});

describe("an address for all", () => {
  it("takes IPv4 and IPv6, and both are answered by address", async () => {
    using own = temporaryFolder();
    await using open = new Lifeguard(own.path, `sinks:\n  web: { listen: "[::]:0", insecure: true }\n`);
    await open.ready();
    const { port } = new URL(await open.url());
    for (const host of ["127.0.0.1", "[::1]"])
      expect((await ask(`http://${host}:${port}`, "/livez")).status).toBe(200);
    expect(open.output).toContain("there is no login");
    expect(open.output).toContain("there is no TLS");
  });
});

describe("what is refused", () => {
  const refusal = (web: string) => {
    using own = temporaryFolder();
    const config = join(own.path, "monitors.yaml");
    writeFileSync(config, `sources: {}\nsinks:\n  web:\n    ${web}\n`);
    return spawnSync(LAUNCHER, ["validate", "--config", config], { encoding: "utf8" });
  };

  it.each([
    ['listen: "0.0.0.0:0"', "4:13"],
    ['listen: "[::]:0"', "4:13"],
    ['listen: ["127.0.0.1:0", "192.0.2.1:80"]', "4:13"],
  ])("is %s with neither login nor TLS, by line and column", (web, place) => {
    const { status, stdout, stderr } = refusal(web);
    expect(status).toBe(78);
    expect(stdout + stderr).toContain(`monitors.yaml:${place}`);
    expect(stdout + stderr).toMatch(
      /neither a login nor TLS: give htpasswd and tls, .* or say insecure: true/,
    );
  });

  it("is a start with logins that cannot be used, and it starts as soon as they can", async () => {
    using own = temporaryFolder();
    const users = join(own.path, "users");
    writeFileSync(users, "alice:in clear\n");
    await using started = new Lifeguard(
      own.path,
      `sinks:\n  web: { listen: 127.0.0.1:0, htpasswd: ./users }\n`,
    );
    started.start();
    await until("the line in the log", () =>
      started.output.includes(`${users}:1: neither bcrypt, apr1 nor {SHA}`),
    );
    expect(started.output).not.toContain("page at");
    expect(started.output).not.toContain("in clear");
    writeFileSync(users, "alice:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n");
    expect((await ask(new URL(await started.url()).origin, "/")).status).toBe(401);
  });
});
