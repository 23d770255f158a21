import { chmodSync, rmSync } from "node:fs";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { LifeguardError, type Logger } from "../../plugin/index.ts";
import type { ControlTarget } from "./control-target.ts";
import { ROUTES } from "./routes.ts";
import { shortPath } from "./short-path.ts";

// As an import it would evaluate every export of the module, among them some that load an HTTP client nobody here uses: 4 MB.
const { createServer } = process.getBuiltinModule("node:http");

/** More clients than any person has terminals. */
const MOST_CLIENTS = 100;

/** A running control server. */
export interface ControlServer {
  /** Ends every connection and removes the socket. */
  close(): Promise<void>;
}

/** What a control server is made from. */
export interface ControlServerOptions {
  /** Where the socket goes, in a data directory that this process holds: a socket found there belongs to a dead process. */
  readonly socket: string;
  readonly target: ControlTarget;
  readonly log: Logger;
}

/**
 * Serves the command line on a Unix socket that only this user can open.
 * @throws LifeguardError `CONTROL_SOCKET` when it cannot be made
 */
export async function startControlServer({
  socket,
  target,
  log,
}: ControlServerOptions): Promise<ControlServer> {
  const closing = new AbortController();
  const server = createServer((request, response) => {
    answer(target, request, response, closing.signal).catch((error) => {
      log.error("a control request failed", { error });
      response.destroy();
    });
  });
  server.maxConnections = MOST_CLIENTS;
  const release = await listen(server, socket);
  server.on("error", (error) => log.warn("the control socket failed", { error }));
  return {
    async close() {
      closing.abort(new LifeguardError("CONTROL_CLOSED", "lifeguard stops"));
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      // What is being answered, such as a reload that stops this very server, may end its words.
      server.closeIdleConnections();
      const cut = setTimeout(() => server.closeAllConnections(), 250);
      await closed;
      clearTimeout(cut);
      rmSync(socket, { force: true });
      release();
    },
  };
}

async function listen(server: Server, socket: string): Promise<() => void> {
  let release = () => {};
  try {
    rmSync(socket, { force: true });
    const short = shortPath(socket);
    release = short.release;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(short.path, () => {
        server.off("error", reject);
        resolve();
      });
    });
    chmodSync(socket, 0o600);
    return release;
  } catch (cause) {
    server.close();
    release();
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LifeguardError(
      "CONTROL_SOCKET",
      `the control socket ${socket} cannot be made: ${reason}; give a data directory on a local file system`,
      { cause },
    );
  }
}

async function answer(
  target: ControlTarget,
  request: IncomingMessage,
  response: ServerResponse,
  closing: AbortSignal,
): Promise<void> {
  const gone = new AbortController();
  response.once("close", () => gone.abort(new LifeguardError("CLIENT_GONE", "the client has gone")));
  const signal = AbortSignal.any([gone.signal, closing]);
  const url = new URL(request.url ?? "/", "http://lifeguard");
  const route = ROUTES[`${request.method} ${url.pathname}`];
  try {
    if (!route)
      throw new LifeguardError(
        "CONTROL_REQUEST",
        `no ${request.method} ${url.pathname} here: is the client of another version?`,
      );
    const result = await route({ target, query: url.searchParams, request, response, signal });
    if (result !== undefined) reply(response, 200, result);
  } catch (error) {
    if (signal.aborted || response.headersSent) response.destroy();
    else reply(response, 400, refusal(error));
  }
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
  });
  response.end(text);
}

function refusal(error: unknown): { code: string; message: string } {
  if (error instanceof LifeguardError) return { code: error.code, message: error.message };
  return { code: "INTERNAL", message: error instanceof Error ? error.message : String(error) };
}
