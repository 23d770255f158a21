import { writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseAddress } from "../../../../../src/sinks/web/related/address.ts";
import { MonitorReader } from "../../../../../src/sinks/web/related/monitor-reader.ts";
import type { Within } from "../../../../../src/sinks/web/related/timing.ts";
import { temporaryFolder } from "../../../../support/temp-folder.ts";
import { CERTIFICATE, KEY } from "../../../sources/vim-ping/certificate.ts";
import { type Answer, usePeer } from "./peer.ts";

const peer = usePeer();
const forever = new AbortController().signal;
const within: Within = (task) => task(forever);

function reader(
  url = peer.url,
  options: { login?: { username: string; password: string }; ca?: string } = {},
) {
  return new MonitorReader({ address: parseAddress(url), login: options.login, ca: options.ca });
}
const read = (url?: string, options?: Parameters<typeof reader>[1]) =>
  reader(url, options).read(within, forever);
const service = (id: string, status = `public/${id}.status.json`) => ({
  id,
  _links: { status: { href: status } },
});
const slapos = (...services: unknown[]) => ({ title: "KVM", _embedded: { service: services } });

describe("reading a SlapOS monitor", () => {
  it("asks for each status file, wherever below its server that lies", async () => {
    peer.serve(
      "/static/monitor.haljson",
      slapos(service("a"), service("b", "/public/b.status.json"), service("c", `${peer.url}c`)),
    );
    peer.serve("/static/public/a.status.json", { status: "OK", message: "fine" });
    peer.serve("/public/b.status.json", { result: { failed: true, message: "no" } });
    peer.serve("/c", { status: "WARNING" });
    const { title, lifeguard, services, counts } = await read(`${peer.url}static`);
    expect([title, lifeguard]).toEqual(["KVM", false]);
    expect(services.map(({ id, status, message }) => [id, status, message])).toEqual([
      ["b", "critical", "no"],
      ["c", "warning", "WARNING"],
      ["a", "ok", "fine"],
    ]);
    expect(counts).toEqual({ critical: 1, warning: 1, unknown: 0, ok: 1 });
  });

  it("takes a missing status file for bad, and one on another server for unknown without asking it", async () => {
    const elsewhere = "http://127.0.0.1:1/x.status.json";
    peer.serve("/monitor.haljson", slapos(service("gone"), { id: "mute" }, service("far", elsewhere)));
    expect((await read()).services.map(({ id, status, message }) => [id, status, message])).toEqual([
      ["gone", "critical", "its status file cannot be read: it answers 404 Not Found"],
      ["mute", "critical", "its monitor does not tell its status"],
      ["far", "unknown", "not asked: its status file is on another server, http://127.0.0.1:1"],
    ]);
  });

  it("takes one status file that is of no use for bad, and the others for what they say", async () => {
    peer.serve("/monitor.haljson", slapos(service("long"), service("away"), service("well")));
    peer.answers.set("/public/long.status.json", (_request, response) => response.end("x".repeat(300_000)));
    peer.answers.set("/public/away.status.json", (_request, response) =>
      response.writeHead(302, { location: "http://127.0.0.2:1/" }).end(),
    );
    peer.serve("/public/well.status.json", { status: "OK" });
    expect((await read()).services.map(({ id, status, message }) => [id, status, message])).toEqual([
      [
        "away",
        "critical",
        expect.stringMatching(/cannot be read: it sends us on to http:\/\/127\.0\.0\.2:1/),
      ],
      ["long", "critical", expect.stringMatching(/cannot be read: its answer is longer than 262144 bytes/)],
      ["well", "ok", "OK"],
    ]);
  });

  it("asks for at most 500 status files, six at once", async () => {
    let now = 0;
    let most = 0;
    peer.serve("/monitor.haljson", slapos(...Array.from({ length: 510 }, (_, at) => service(`s${at}`))));
    for (let at = 0; at < 510; at++)
      peer.answers.set(`/public/s${at}.status.json`, (_request, response) => {
        most = Math.max(most, ++now);
        setImmediate(() => {
          now--;
          response.end('{"status":"OK"}');
        });
      });
    const { counts } = await read();
    expect(counts).toEqual({ critical: 0, warning: 0, unknown: 10, ok: 500 });
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(6);
  });

  it("asks again where a connection that was kept is closed just when it is used again", async () => {
    peer.serve("/monitor.haljson", slapos(service("a")));
    let closed = false;
    peer.answers.set("/public/a.status.json", ({ socket }, response) => {
      if (closed) response.end('{"status":"OK"}');
      else socket.destroy();
      closed = true;
    });
    expect((await read()).counts.ok).toBe(1);
    expect(peer.paths).toHaveLength(3);
  });

  it("fails as a whole when the server dies in the middle", async () => {
    peer.serve("/monitor.haljson", slapos(service("a")));
    peer.answers.set("/public/a.status.json", ({ socket }) => socket.destroy());
    await expect(read()).rejects.toThrow("the connection was cut");
  });
});

describe("reading a lifeguard", () => {
  it("needs its document only", async () => {
    peer.serve(
      "/monitor.haljson",
      slapos({ ...service("a"), status: "BAD", verdict: "warning", message: "hm" }),
    );
    expect(await read()).toMatchObject({
      lifeguard: true,
      services: [{ id: "a", status: "warning", message: "hm" }],
    });
    expect(peer.paths).toEqual(["/monitor.haljson"]);
  });

  it("keeps the thousand worst of very many services, and counts all", async () => {
    const many = Array.from({ length: 1500 }, (_, at) => ({
      id: `s${at}`,
      status: at === 1499 ? "BAD" : "OK",
    }));
    peer.serve("/monitor.haljson", slapos(...many));
    const { services, counts } = await read();
    expect(services).toHaveLength(1000);
    expect(services[0]?.id).toBe("s1499");
    expect(counts).toMatchObject({ critical: 1, ok: 1499 });
  });
});

describe("reading again", () => {
  it("asks only whether anything is new, of the document and of each status file", async () => {
    const long = { "last-modified": "Wed, 01 Jan 2020 00:00:00 GMT" };
    const known =
      (tag: string, value: unknown): Answer =>
      ({ headers }, response) => {
        if (headers["if-none-match"] === tag) response.writeHead(304).end();
        else response.writeHead(200, { etag: tag }).end(JSON.stringify(value));
      };
    peer.answers.set("/monitor.haljson", known('"1"', slapos(service("a"), service("b"))));
    peer.answers.set("/public/a.status.json", known('"2"', { status: "OK" }));
    peer.answers.set("/public/b.status.json", ({ headers }, response) => {
      if (headers["if-modified-since"] === long["last-modified"]) response.writeHead(304).end();
      else response.writeHead(200, long).end('{"status":"BAD"}');
    });
    const again = reader();
    const first = await again.read(within, forever);
    expect(await again.read(within, forever)).toEqual(first);
    expect(first.counts).toMatchObject({ critical: 1, ok: 1 });
    const conditional = peer.asked
      .slice(3)
      .map(({ headers }) => headers["if-none-match"] ?? headers["if-modified-since"]);
    expect(conditional.sort()).toEqual(['"1"', '"2"', long["last-modified"]]);
  });

  it("does not trust a date of the same second, within which the content may have changed", async () => {
    const now = new Date().toUTCString();
    peer.serve("/monitor.haljson", slapos(), { "last-modified": now, date: now });
    const again = reader();
    await again.read(within, forever);
    await again.read(within, forever);
    expect(peer.asked[1]?.headers["if-modified-since"]).toBeUndefined();
  });
});

describe("what cannot be read", () => {
  it.each([
    [401, /asks for a login: name it with username and password under `related`/],
    [404, /answers 404 Not Found/],
    [500, /answers 500/],
  ])("says why: %i", async (status, message) => {
    peer.answers.set("/monitor.haljson", (_request, response) => response.writeHead(status).end());
    await expect(read()).rejects.toThrow(message);
  });

  it("is a refused connection, a page that is no JSON, a longer answer than anybody needs, one that breaks off", async () => {
    await expect(read("http://127.0.0.1:1/")).rejects.toThrow("connection refused");
    peer.answers.set("/monitor.haljson", (_request, response) => response.end("<!doctype html>"));
    await expect(read()).rejects.toThrow("its monitor.haljson is not JSON");
    peer.answers.set("/monitor.haljson", (_request, response) => response.end("x".repeat(5 * 1024 * 1024)));
    await expect(read()).rejects.toThrow(/longer than 4194304 bytes/);
    peer.answers.set("/monitor.haljson", (_request, response) => {
      response.writeHead(200, { "content-length": "100" }).write("{");
      setImmediate(() => response.destroy());
    });
    await expect(read()).rejects.toThrow(/broke off/);
  });

  it("is left when its time is up", async () => {
    const late = new Error("no answer within 1 s");
    peer.answers.set("/monitor.haljson", () => {});
    const limited: Within = (task) => {
      const stop = new AbortController();
      const read = task(stop.signal);
      stop.abort(late);
      return read;
    };
    await expect(reader().read(limited, forever)).rejects.toBe(late);
    peer.answers.set("/monitor.haljson", (_request, response) => response.writeHead(200).write("{"));
    peer.asked.length = 0;
    const stop = new AbortController();
    const half = reader().read((task) => task(stop.signal), forever);
    await expect.poll(() => peer.asked.length).toBe(1);
    stop.abort(late);
    await expect(half).rejects.toBe(late);
  });
});

describe("redirections", () => {
  const redirect = (from: string, to: string) =>
    peer.answers.set(from, (_request, response) => response.writeHead(302, { location: to }).end());

  it("are followed on the same server, and hrefs are relative to where they lead", async () => {
    redirect("/monitor.haljson", "/moved/monitor.haljson");
    peer.serve("/moved/monitor.haljson", slapos(service("a")));
    peer.serve("/moved/public/a.status.json", { status: "OK" });
    expect((await read()).counts.ok).toBe(1);
  });

  it("are not followed to other servers, which would be told the login", async () => {
    redirect("/monitor.haljson", "http://127.0.0.2:1/monitor.haljson");
    await expect(read()).rejects.toThrow("it sends us on to http://127.0.0.2:1, which is another server");
    redirect("/monitor.haljson", "http://[");
    await expect(read()).rejects.toThrow("it sends us on to what is no URL");
  });

  it("are not followed in circles, nor for ever", async () => {
    redirect("/monitor.haljson", "/a");
    redirect("/a", "/monitor.haljson");
    await expect(read()).rejects.toThrow("in a loop");
    for (let at = 0; at < 20; at++) redirect(at === 0 ? "/monitor.haljson" : `/${at}`, `/${at + 1}`);
    await expect(read()).rejects.toThrow("in a loop");
    expect(peer.asked.length).toBeLessThan(12);
  });
});

describe("an address of IPv6", () => {
  it("is asked as any other", async () => {
    const server = createHttpServer((_request, response) => response.end('{"title":"six"}'));
    await new Promise<void>((resolve) => void server.listen(0, "::1", resolve));
    try {
      expect((await read(`http://[::1]:${(server.address() as AddressInfo).port}`)).title).toBe("six");
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});

describe("a monitor that protects itself", () => {
  it("is told the login", async () => {
    const right = `Basic ${Buffer.from("gärtner:s:cret").toString("base64")}`;
    peer.answers.set("/monitor.haljson", ({ headers }, response) => {
      if (headers.authorization === right) response.end('{"title":"in"}');
      else response.writeHead(401).end();
    });
    expect((await read(undefined, { login: { username: "gärtner", password: "s:cret" } })).title).toBe("in");
    await expect(read(undefined, { login: { username: "gärtner", password: "no" } })).rejects.toThrow(
      "it refuses the login",
    );
  });

  it("is trusted by the certificates of its ca, and only by those", async () => {
    using folder = temporaryFolder();
    const ca = join(folder.path, "ca.pem");
    const server = createServer({ cert: CERTIFICATE, key: KEY }, (_request, response) =>
      response.end('{"title":"safe"}'),
    );
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    try {
      const again = reader(url, { ca });
      await expect(again.read(within, forever)).rejects.toThrow(
        /certificates of its `ca` cannot be read: ENOENT/,
      );
      await expect(read(url)).rejects.toThrow(
        "its certificate is not trusted: name its file as `ca` under `related`",
      );
      writeFileSync(ca, CERTIFICATE);
      expect((await again.read(within, forever)).title).toBe("safe");
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});
