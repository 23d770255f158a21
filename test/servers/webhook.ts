import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A request that a receiver answered with 200. */
export interface Received {
  /** When it was taken, milliseconds since the epoch. */
  readonly at: number;
  readonly headers: IncomingHttpHeaders;
  /** As the sink notify tells it where no preset and no template says otherwise. */
  readonly body: {
    readonly id: string;
    readonly kind: string;
    readonly count: number;
    readonly items: readonly {
      readonly id: string;
      readonly subject: string;
      readonly kind: string;
      readonly url: string | null;
    }[];
  };
}

/** A real receiver of webhooks. `await using` stops it. */
export class WebhookReceiver {
  readonly url: string;
  /** What it took, in order. */
  readonly received: Received[] = [];
  /** What it answers; only what is answered with 200 was received. */
  status = 200;
  /** Every request, the refused ones included. */
  requests = 0;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  }

  static async start(): Promise<WebhookReceiver> {
    const server = createServer(async (request, response) => {
      let body = "";
      for await (const chunk of request) body += chunk;
      receiver.requests++;
      if (receiver.status === 200)
        receiver.received.push({ at: Date.now(), headers: request.headers, body: JSON.parse(body) });
      response.writeHead(receiver.status).end();
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const receiver = new WebhookReceiver(server);
    return receiver;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}
