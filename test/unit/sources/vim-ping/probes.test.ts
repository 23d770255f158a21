import { createServer, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import type { Clock } from "lifeguard/plugin";
import { FakeClock } from "lifeguard/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../../../src/core/system-clock.ts";
import { Looks } from "../../../../src/sources/vim-ping/looks.ts";
import { parseTarget } from "../../../../src/sources/vim-ping/target.ts";
import { CERTIFICATE, KEY } from "./certificate.ts";
import { Network } from "./scripted-pinger.ts";
import { runVims, stateOf } from "./vim-source.ts";

async function listen(server: Pick<Server, "listen" | "address" | "close">): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    (server as Partial<Server>).closeAllConnections?.();
  });
  return (server.address() as AddressInfo).port;
}

/** A port on which nobody listens. */
async function closedPort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** One look, by a clock that stands still unless a test moves it. */
const look = (
  probe: "tcp" | "http",
  url: string,
  { addresses = ["127.0.0.1"], clock = new FakeClock() }: { addresses?: string[]; clock?: Clock } = {},
) =>
  new Looks({ clock, signal: new AbortController().signal }).look({
    probe,
    target: parseTarget(url),
    addresses,
    timeout: 2000,
  });

describe("a look by HTTP", () => {
  test.each([200, 300, 401, 404, 503])(
    "takes %i for an answer, and asks without credentials",
    async (code) => {
      let asked: unknown;
      const port = await listen(
        createServer((request, response) => {
          asked = {
            url: request.url,
            host: request.headers.host,
            authorization: request.headers.authorization,
          };
          response.writeHead(code).end();
        }),
      );
      const finding = await look("http", `http://user:pw@cloud.example.org:${port}/identity/v3`);
      expect(finding).toMatchObject({ outcome: "answer", code, address: "127.0.0.1", probe: "http" });
      expect(asked).toEqual({
        url: "/identity/v3",
        host: `cloud.example.org:${port}`,
        authorization: undefined,
      });
    },
  );

  test("needs no certificate that can be trusted", async () => {
    const port = await listen(
      createTlsServer({ key: KEY, cert: CERTIFICATE }, (_, response) => response.writeHead(300).end()),
    );
    expect(await look("http", `https://cloud.example.org:${port}/`)).toMatchObject({
      outcome: "answer",
      code: 300,
    });
  });

  test("is missed where what answers is not HTTP", async () => {
    const port = await listen(createTcpServer((socket) => socket.end("nonsense\r\n\r\n")) as never);
    expect(await look("http", `http://h:${port}/`)).toMatchObject({ outcome: "miss" });
  });

  test("is missed in silence, after its time", async () => {
    const clock = new FakeClock();
    const asked = Promise.withResolvers<void>();
    const port = await listen(createServer(() => asked.resolve()));
    const pending = look("http", `http://h:${port}/`, { clock });
    await asked.promise;
    await clock.advance(2000);
    expect(await pending).toMatchObject({ outcome: "miss", reason: null });
  });
});

describe("a look by TCP", () => {
  test("takes a connection for an answer", async () => {
    const port = await listen(createTcpServer((socket) => socket.on("error", () => {})) as never);
    const finding = await look("tcp", `https://h:${port}/`, { clock: systemClock });
    expect(finding).toMatchObject({ outcome: "answer", probe: "tcp" });
    expect(finding.times[0]).toBeGreaterThan(0);
  });

  test("is missed where the connection is refused, and says so", async () => {
    const finding = await look("tcp", `https://h:${await closedPort()}/`);
    expect(finding).toMatchObject({ outcome: "miss", reason: "connection refused" });
  });

  test("is answered by the one of several addresses that does", async () => {
    const port = await listen(createTcpServer((socket) => socket.on("error", () => {})) as never);
    const finding = await look("tcp", `https://h:${port}/`, { addresses: ["127.0.0.99", "127.0.0.1"] });
    expect(finding).toMatchObject({ outcome: "answer", address: "127.0.0.1" });
  });

  test("says nothing about the VIM while lifeguard itself stands still", async () => {
    const clock = new FakeClock();
    let stood = 0;
    const late: Clock = {
      now: () => clock.now() + stood,
      monotonic: () => clock.monotonic() + stood,
      setTimeout: (...words) => clock.setTimeout(...words),
      sleep: (...words) => clock.sleep(...words),
    };
    const asked = Promise.withResolvers<void>();
    const port = await listen(createServer(() => asked.resolve()));
    const pending = look("http", `http://h:${port}/`, { clock: late });
    await asked.promise;
    stood = 400;
    await clock.advance(2000);
    expect(await pending).toMatchObject({ outcome: "unmeasured", error: "stall" });
  });
});

describe("vim-ping with another probe", () => {
  const quick = { interval: "80ms", timeout: "60ms" };

  test("asks by HTTP alone, and reports the code", async () => {
    const port = await listen(createServer((_, response) => response.writeHead(503).end()));
    const network = new Network();
    const vims = [{ name: "edge", auth_url: `http://127.0.0.1:${port}/v3` }];
    await using harness = await runVims(network, { ...quick, probe: "http", vims });
    await expect.poll(() => stateOf(harness, "vim/edge")).toBe("REACHABLE");
    expect(harness.board.find("vim/edge")[0]?.event).toMatchObject({
      message: expect.stringMatching(/^127\.0\.0\.1:\d+ answers with HTTP 503 in /),
      data: { probe: "http", code: 503 },
    });
    expect(network.pingers).toHaveLength(0);
  });

  test("turns UNREACHABLE and back", async () => {
    let silent = false;
    const port = await listen(
      createServer((request, response) => (silent ? request.destroy() : response.writeHead(200).end())),
    );
    const vims = [{ name: "edge", auth_url: `http://127.0.0.1:${port}/v3` }];
    await using harness = await runVims(new Network(), { ...quick, probe: "http", vims });
    await expect.poll(() => stateOf(harness, "vim/edge")).toBe("REACHABLE");
    silent = true;
    await expect.poll(() => stateOf(harness, "vim/edge")).toBe("UNREACHABLE");
    silent = false;
    await expect.poll(() => stateOf(harness, "vim/edge")).toBe("REACHABLE");
  });

  test("asks a second opinion where echo requests are blocked", async () => {
    const port = await listen(createServer((_, response) => response.writeHead(300).end()));
    const network = new Network();
    network.letAll("silent");
    const vims = [
      { name: "edge", auth_url: `http://127.0.0.1:${port}/v3` },
      { name: "dead", auth_url: `http://127.0.0.1:${await closedPort()}/v3` },
    ];
    await using harness = await runVims(network, { ...quick, probe: ["icmp", "tcp", "http"], vims });
    await expect.poll(() => stateOf(harness, "vim/edge")).toBe("REACHABLE");
    expect(harness.board.find("vim/edge")[0]?.event?.data).toMatchObject({ probe: "tcp" });
    await expect.poll(() => stateOf(harness, "vim/dead")).toBe("UNREACHABLE");
    expect(harness.board.find("vim/dead")[0]?.event?.message).toContain(
      "icmp: no answer, tcp: connection refused, http: connection refused",
    );
    await expect(harness.run("vim/edge")).resolves.toMatchObject({ status: "ok" });
  });
});
