import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A way to a server, whose connections can go silent as they do when a firewall forgets them: nobody is told, and new ones work. */
export class SilentProxy {
  readonly port: number;
  /** How many connections were ever made. */
  connections = 0;
  readonly #stop: () => void;
  readonly #open = new Set<{ silent: boolean; readonly ends: readonly [Socket, Socket] }>();

  private constructor(port: number, stop: () => void) {
    this.port = port;
    this.#stop = stop;
  }

  /** Starts one to a port of this machine. */
  static async start(target: number): Promise<SilentProxy> {
    const server = createServer((client) => proxy.#pass(client, connect(target, "127.0.0.1")));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const proxy = new SilentProxy((server.address() as AddressInfo).port, () => server.close());
    return proxy;
  }

  /** From now on nothing passes through the connections that are open, not even their end. */
  silence(): void {
    for (const connection of this.#open) connection.silent = true;
  }

  [Symbol.dispose](): void {
    this.#stop();
    for (const { ends } of this.#open) for (const end of ends) end.destroy();
  }

  #pass(client: Socket, server: Socket): void {
    const connection = { silent: false, ends: [client, server] as const };
    this.connections++;
    this.#open.add(connection);
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      from.on("data", (chunk) => {
        if (!connection.silent) to.write(chunk);
      });
      from.on("error", () => {});
      from.on("close", () => {
        if (!connection.silent) to.destroy();
      });
    }
    client.on("close", () => {
      this.#open.delete(connection);
      server.destroy();
    });
  }
}
