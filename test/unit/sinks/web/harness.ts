import { request } from "node:http";
import { afterAll, beforeAll } from "vitest";
import { type Running, startWeb, World } from "./context.ts";

/** An answer, read whole. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
}

/** What a raw request may say. The path is sent as it is, which `fetch` would not do. */
export interface Ask {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Starts a web sink for the tests of a file, and asks it. */
export function useWeb(world: World = new World(), config: object = {}) {
  let running: Running;
  beforeAll(async () => {
    running = await startWeb(world, config);
  });
  afterAll(async () => {
    world.stop.abort();
    await running.sink.close();
    for (const teardown of world.teardowns) await teardown();
  });
  return {
    world,
    get host() {
      return running.host;
    },
    get url() {
      return running.url;
    },
    ask(path: string, { method = "GET", headers = {}, body }: Ask = {}): Promise<Answer> {
      const { hostname, port } = new URL(running.url);
      return new Promise((resolve, reject) => {
        const sent = request({ hostname, port, path, method, headers, agent: false }, (response) => {
          let text = "";
          response.setEncoding("utf8");
          response.on("data", (chunk) => {
            text += chunk;
          });
          response.on("end", () =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers as Answer["headers"],
              text,
            }),
          );
          response.on("error", reject);
        });
        sent.on("error", reject).end(body);
      });
    },
  };
}
