import { defineSink, type SinkContext } from "../../plugin/index.ts";
import { Doorkeeper } from "./access/doorkeeper.ts";
import { type WebConfig, webConfig } from "./config.ts";
import { Logins } from "./login/logins.ts";
import { ConnectionLimit } from "./net/connection-limit.ts";
import { isLoopback } from "./net/listen.ts";
import { Listeners } from "./net/listeners.ts";
import { type KeyPair, readKeyPair } from "./net/tls-files.ts";
import { RelatedMonitors } from "./related/related-monitors.ts";
import { timingOf } from "./related/timing.ts";
import { createServer } from "./server.ts";

/** Shows what is true now as a page, HAL, RSS and events, in the addresses of SlapOS's monitor. It delivers nothing, it is read. */
export default defineSink({
  name: "web",
  summary: "Live page, HAL, RSS, server-sent events and metrics over HTTP and HTTPS, with logins",
  delivery: "live",
  config: webConfig,
  pageUrl: ({ base_url: baseUrl }) => baseUrl?.href.replace(/\/+$/, ""),
  async start(config, ctx) {
    const { listen, htpasswd, tls, related: entries, related_interval: interval } = config;
    const pair = tls && (await readKeyPair(tls));
    const logins = htpasswd === undefined ? undefined : await Logins.open(htpasswd, ctx);
    const related = new RelatedMonitors(ctx, entries, timingOf(interval));
    const server = createServer(config, { doorkeeper: new Doorkeeper(logins, ctx), related }, ctx);
    await server.ready();
    // Whatever stands behind a proxy comes from there, whether the proxy is trusted or just another program of this machine.
    const limit = new ConnectionLimit((address) => isLoopback(address) || server.proxies.has(address));
    const listeners = new Listeners(server.routing, limit, pair, ctx);
    const close = async () => {
      await Promise.all([listeners.close(), server.close(), related.close()]);
    };
    try {
      warn(config, ctx);
      for (const url of await listeners.open(listen)) ctx.log.info(`page at ${url}`);
    } catch (error) {
      await close();
      throw error;
    }
    related.start();
    if (pair) followKeyPair(pair, listeners, ctx);
    return { close };
  },
});

/** Says what everybody who can reach us may do. */
function warn({ listen, htpasswd, tls }: WebConfig, { log }: SinkContext): void {
  if (listen.every(({ host }) => isLoopback(host))) return;
  if (htpasswd === undefined)
    log.warn("others can reach this server, and there is no login: they may read everything and run checks");
  if (tls === undefined)
    log.warn(
      "others can reach this server, and there is no TLS: who listens reads everything, passwords too",
    );
}

function followKeyPair(first: KeyPair, listeners: Listeners, ctx: SinkContext): void {
  const { files } = first;
  const expiry = ctx.metrics.gauge({
    name: "web_certificate_expiry_seconds",
    help: "When the certificate ends, in seconds since the epoch",
  });
  expiry.set(first.expires / 1000);
  const reload = async () => {
    try {
      const pair = await readKeyPair(files);
      listeners.renew(pair);
      expiry.set(pair.expires / 1000);
      ctx.log.info("the certificate was read again");
    } catch (error) {
      ctx.log.error(`the certificate stays as it was: ${(error as Error).message}`);
    }
  };
  for (const file of [files.cert, files.key]) {
    const watched = ctx.watch(file).subscribe(() => void reload());
    ctx.onStop(() => watched.unsubscribe());
  }
}
