import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach } from "vitest";

/** Answers one request. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** Starts a server for the tests of a file that answers as each test says, by path; a path that is not there is 404. */
export function usePeer() {
  const answers = new Map<string, Answer>();
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    asked.push(request);
    const answer = answers.get(request.url ?? "");
    if (answer) answer(request, response);
    else response.writeHead(404).end();
  });
  beforeAll(() => new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve)));
  beforeEach(() => {
    answers.clear();
    asked.length = 0;
  });
  afterAll(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return {
    answers,
    asked,
    get url() {
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    },
    /** Serves a value as JSON. */
    serve(path: string, value: unknown, headers: Record<string, string> = {}): void {
      answers.set(path, (_request, response) => response.writeHead(200, headers).end(JSON.stringify(value)));
    },
    /** The paths that were asked for, in order. */
    get paths() {
      return asked.map(({ url }) => url);
    },
  };
}
