import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterEach, expect, it } from "vitest";
import { systemClock } from "../../../../../src/core/system-clock.ts";
import { ConnectionLimit } from "../../../../../src/sinks/web/net/connection-limit.ts";
import { Listeners } from "../../../../../src/sinks/web/net/listeners.ts";

const log = { debug() {}, info() {}, warn() {}, error() {} };
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** Opens a server that answers `here`, and returns its URL. */
async function open(limit: ConnectionLimit): Promise<URL> {
  const listeners = new Listeners((_request, response) => response.end("here"), limit, undefined, {
    clock: systemClock,
    log,
  });
  closing.push(() => listeners.close());
  const [url] = await listeners.open([{ host: "127.0.0.1", port: 0 }]);
  return new URL(url as string);
}

/** Asks on a connection that stays: whether there was an answer, or the connection was ended. */
async function ask(socket: Socket): Promise<boolean> {
  socket.write("GET / HTTP/1.1\r\nHost: here\r\n\r\n");
  const ended = once(socket, "close").then(() => false);
  return Promise.race([
    once(socket, "data").then(
      () => true,
      () => false,
    ),
    ended,
  ]);
}

function connectTo({ hostname, port }: URL): Socket {
  const socket = connect(Number(port), hostname).on("error", () => {});
  closing.push(() => socket.destroy());
  return socket;
}

it("a client that has all the connections it may have is served on these, and gets another when one ends", async () => {
  const url = await open(new ConnectionLimit(() => false));
  const sockets = Array.from({ length: 250 }, () => connectTo(url));
  expect(await Promise.all(sockets.map(ask))).toEqual(Array(250).fill(true));
  expect(await ask(connectTo(url))).toBe(false);
  sockets[0]?.destroy();
  await expect.poll(() => ask(connectTo(url))).toBe(true);
  expect(await ask(sockets[1] as Socket)).toBe(true);
});
