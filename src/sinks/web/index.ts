import type { AddressInfo } from "node:net";
import { defineSink, LifeguardError } from "../../plugin/index.ts";
import { webConfig } from "./config.ts";
import { type Listen, rootUrl } from "./listen.ts";
import { createServer } from "./server.ts";

/** Shows what is true now as a page, HAL, RSS and events, in the addresses of SlapOS's monitor. It delivers nothing, it is read. */
export default defineSink({
  name: "web",
  summary: "Live page, HAL, RSS, server-sent events and metrics over HTTP",
  delivery: "live",
  config: webConfig,
  async start({ listen }, ctx) {
    const server = createServer(listen, ctx);
    await server.ready();
    await bind(server, listen);
    const { port } = server.server.address() as AddressInfo;
    ctx.log.info(`page at ${rootUrl({ host: listen.host, port })}`);
    return { close: () => server.close() };
  },
});

async function bind(server: ReturnType<typeof createServer>, listen: Listen): Promise<void> {
  try {
    await server.listen(listen);
  } catch (error) {
    await server.close();
    const { code } = error as NodeJS.ErrnoException;
    const where = rootUrl(listen);
    if (code === "EADDRINUSE")
      throw new LifeguardError(
        "ADDRESS_IN_USE",
        `${where} is taken by another program: stop it, or set another \`listen\``,
        { cause: error },
      );
    throw new LifeguardError("LISTEN_FAILED", `cannot listen on ${where}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
