import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";

/** An answer that a test wants instead of the usual one. */
export type Script = (request: IncomingMessage, response: ServerResponse) => void;

/** A Keystone and a Tacker in one server, for what the real ones cannot be brought to do. */
export class ScriptedCloud {
  readonly vims: Array<Record<string, unknown>> = [];
  /** Bodies of the logins, in order. */
  readonly logins: unknown[] = [];
  lists = 0;
  /** The project that tokens are for; null for none. */
  project: { id: string; name: string } | null = { id: "p1", name: "admin" };
  /** Instead of the usual answers. */
  keystone: Script | undefined;
  tacker: Script | undefined;
  readonly #server: Server;
  readonly #scheme: string;
  #tokens = 0;

  private constructor(tls: { key: string; cert: string } | undefined) {
    const listener: RequestListener = (request, response) => void this.#answer(request, response);
    this.#scheme = tls ? "https" : "http";
    this.#server = tls ? createTlsServer(tls, listener) : createServer(listener);
  }

  static async start(tls?: { key: string; cert: string }): Promise<ScriptedCloud> {
    const cloud = new ScriptedCloud(tls);
    await new Promise<void>((resolve) => cloud.#server.listen(0, "127.0.0.1", resolve));
    return cloud;
  }

  get url(): string {
    return `${this.#scheme}://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Tokens from before are not taken any more. */
  revoke(): void {
    this.#tokens += 1000;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = "";
    for await (const chunk of request) body += chunk;
    if (request.url === "/v3/auth/tokens") {
      this.logins.push(JSON.parse(body));
      if (this.keystone) this.keystone(request, response);
      else this.#token(response);
      return;
    }
    this.lists += 1;
    if (this.tacker) this.tacker(request, response);
    else if (request.headers["x-auth-token"] !== `token-${this.#tokens}`)
      response.writeHead(401, { "www-authenticate": "Keystone" }).end("unauthorized");
    else
      response
        .writeHead(200, { "content-type": "application/json" })
        .end(JSON.stringify({ vims: this.vims }));
  }

  #token(response: ServerResponse): void {
    this.#tokens += 1;
    const endpoint = (kind: string, region: string, path: string) => ({
      interface: kind,
      region,
      region_id: region,
      url: `${this.url}${path}`,
    });
    response.writeHead(201, { "x-subject-token": `token-${this.#tokens}` }).end(
      JSON.stringify({
        token: {
          expires_at: "2099-01-01T00:00:00.000000Z",
          ...(this.project && { project: this.project }),
          catalog: [
            { type: "identity", endpoints: [endpoint("public", "RegionOne", "/v3")] },
            {
              type: "nfv-orchestration",
              endpoints: [
                endpoint("internal", "RegionOne", "/internal/"),
                endpoint("public", "RegionOne", "/"),
                endpoint("public", "RegionTwo", "/two/v1.0"),
              ],
            },
          ],
        },
      }),
    );
  }
}
