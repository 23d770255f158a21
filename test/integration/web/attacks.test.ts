import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSeeded } from "../../servers/seeded-lifeguard.ts";
import type { Lifeguard } from "../../support/lifeguard.ts";
import { temporaryFolder } from "../../support/temp-folder.ts";
import { until } from "../../support/until.ts";
import { ask, raw } from "./ask.ts";

const folder = temporaryFolder();
let lifeguard: Lifeguard;
let origin: string;
let host: string;
const RUN = "/cgi-bin/monitor-run-promise.cgi?service=kvm-log-parse";

beforeAll(async () => {
  ({ lifeguard, origin } = await startSeeded(folder.path));
  ({ host } = new URL(origin));
});

afterAll(async () => {
  await lifeguard?.stop();
  folder[Symbol.dispose]();
});

/** What came back when the server ended a connection on which bytes came one by one. */
function trickle(head: string, bytes: string): Promise<{ readonly text: string; readonly ms: number }> {
  const { hostname, port } = new URL(origin);
  const begun = performance.now();
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    let text = "";
    let at = 0;
    const timer = setInterval(() => void socket.write(bytes[at++ % bytes.length] ?? ""), 200);
    socket.on("data", (data) => {
      text += data;
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      clearInterval(timer);
      resolve({ text, ms: performance.now() - begun });
    });
    socket.write(head);
  });
}

describe("a client that takes its time", () => {
  it("is cut off while it sends headers, while it sends a body, and while it sends nothing", async () => {
    const [headers, body, nothing] = await Promise.all([
      trickle(`GET / HTTP/1.1\r\nHost: ${host}\r\n`, "X-A: b\r\n"),
      trickle(
        `POST ${RUN} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 9999\r\n\r\n`,
        "a",
      ),
      raw(origin, ""),
      // Everybody else is served meanwhile.
      until("an answer", async () => (await ask(origin, "/livez")).status === 200),
    ]);
    expect(headers.text).toMatch(/^HTTP\/1\.1 408/);
    expect(headers.ms).toBeLessThan(25_000);
    expect(body.text).toMatch(/^HTTP\/1\.1 408/);
    expect(body.ms).toBeLessThan(60_000);
    expect(nothing).toMatch(/^(?:HTTP\/1\.1 408|$)/);
  });
});

describe("too much", () => {
  it.each(["a", "a=b&"])("of a body is refused, of %s", async (part) => {
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const { status } = await ask(origin, RUN, { method: "POST", headers, body: part.repeat(20_000) });
    expect(status).toBe(413);
  });

  it("of a body that does not say how long it is, is refused", async () => {
    const chunk = `4000\r\n${"a".repeat(0x4000)}\r\n`;
    const text = await raw(
      origin,
      `POST ${RUN} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n${chunk}${chunk}0\r\n\r\n`,
    );
    expect(text).toMatch(/^HTTP\/1\.1 413/);
  });

  it("of a header is refused", async () => {
    const text = await raw(origin, `GET / HTTP/1.1\r\nHost: ${host}\r\nX-A: ${"a".repeat(20_000)}\r\n\r\n`);
    expect(text).toMatch(/^HTTP\/1\.1 431/);
  });

  it("of headers is refused", async () => {
    const headers = Array.from({ length: 150 }, (_, at) => `X-${at}: b\r\n`).join("");
    expect(await raw(origin, `GET / HTTP/1.1\r\nHost: ${host}\r\n${headers}\r\n`)).toMatch(/^HTTP\/1\.1 431/);
  });

  it("of connections is refused, whoever has some keeps them, and there is room when they end", async () => {
    const { hostname, port } = new URL(origin);
    const sockets = Array.from({ length: 1000 }, () => connect(Number(port), hostname));
    const closed = new Set<unknown>();
    for (const socket of sockets)
      socket
        .on("error", () => {})
        .on("close", () => closed.add(socket))
        .setEncoding("latin1");
    await until("the last is refused", () =>
      ask(origin, "/livez").then(
        () => false,
        () => true,
      ),
    );
    const [first] = sockets.filter((socket) => !closed.has(socket));
    const answer = once(first as Socket, "data");
    first?.write(`GET /livez HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    expect(String(await answer)).toMatch(/^HTTP\/1\.1 200/);
    for (const socket of sockets) socket.destroy();
    await until("an answer", () =>
      ask(origin, "/livez").then(
        ({ status }) => status === 200,
        () => false,
      ),
    );
  });

  it("of an address is refused", async () => {
    expect(await raw(origin, `GET /${"a".repeat(20_000)} HTTP/1.1\r\nHost: ${host}\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 4(?:14|31)/,
    );
  });

  it("is a body of a type that is not a form", async () => {
    const { status } = await ask(origin, RUN, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
    });
    expect(status).toBe(415);
  });
});

describe("two requests in one", () => {
  const head = (headers: string) => `POST ${RUN} HTTP/1.1\r\nHost: ${host}\r\n${headers}\r\n\r\n`;
  const hidden = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";

  it.each([
    ["both lengths", head("Content-Length: 4\r\nTransfer-Encoding: chunked") + hidden],
    ["two lengths", head("Content-Length: 0\r\nContent-Length: 30") + hidden],
    ["a length that is none", head("Content-Length: +0") + hidden],
    ["an odd encoding", head("Transfer-Encoding: xchunked") + hidden],
    ["an encoding that is hidden by a blank", head("Transfer-Encoding : chunked") + hidden],
    ["a folded header", head("X-A: b\r\n Transfer-Encoding: chunked") + hidden],
    ["a bare line feed", `GET / HTTP/1.1\nHost: ${host}\nX: y\n\n`],
    ["two hosts", `GET / HTTP/1.1\r\nHost: ${host}\r\nHost: evil.example\r\n\r\n`],
    ["a NUL in a header", `GET / HTTP/1.1\r\nHost: ${host}\r\nX-A: a\0b\r\n\r\n`],
  ])("are refused: %s", async (_what, bytes) => {
    const text = await raw(origin, bytes);
    expect(text).toMatch(/^HTTP\/1\.1 4\d\d/);
    expect(text).not.toContain("lifeguard_");
  });
});

describe("a page of another site", () => {
  it.each([
    { origin: "https://evil.example" },
    { origin: "null" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
    { origin: "http://evil.example", "x-forwarded-host": "evil.example" },
    { origin: "https://evil.example", "x-forwarded-host": "evil.example", "x-forwarded-proto": "https" },
  ])("has nothing done: %j", async (headers) => {
    for (const path of [RUN, "/run?service=kvm-log-parse"])
      expect(
        (await ask(origin, path, { method: "POST", headers: { ...headers } as Record<string, string> }))
          .status,
      ).toBe(403);
    expect(lifeguard.output).not.toContain("sent run");
  });

  it("is no page of a name that was made to lead here", async () => {
    for (const name of ["evil.example", `evil.example:${new URL(origin).port}`, "127.0.0.1.evil.example"])
      expect((await ask(origin, "/monitor.haljson", { headers: { host: name } })).status).toBe(421);
  });
});

describe("what comes in", () => {
  it.each([
    "/m/x%0d%0aSet-Cookie:%20a=b",
    "/m/x%0d%0aSet-Cookie:%20a=b/",
    "/public/kvm-log-parse%0d%0aSet-Cookie:%20a=b/",
    "/public/kvm-log-parse/%0d%0aSet-Cookie:%20a=b",
    "/run?service=kvm-log-parse&back=%0d%0aSet-Cookie:%20a=b",
    "/default-promise-interface.html?service_name=%0d%0aSet-Cookie:%20a=b",
  ])("cannot become a header: %s", async (path) => {
    const method = path.startsWith("/run") ? "POST" : "GET";
    const answer = await ask(origin, path, { method });
    expect(answer.headers["set-cookie"]).toBeUndefined();
    expect(answer.headers.location ?? "").not.toMatch(/[\r\n]/);
  });
});

describe("without logins", () => {
  it.each([
    "/private/",
    "/private/kvm-log-parse/log/kvm.log",
    "/private/backup/dump.sql",
    "/m/promises/private/",
  ])("nothing private is served: %s", async (path) => {
    expect((await ask(origin, path)).status).toBe(404);
  });
});
