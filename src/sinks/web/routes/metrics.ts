import { onServer } from "./on-server.ts";
import type { WebApp } from "./web-app.ts";

/** `/metrics`: everything that lifeguard counts, in the text format of Prometheus. */
export function metricsRoute(app: WebApp): void {
  onServer(app, "GET", "/metrics", "operate", async (_request, reply) =>
    reply.type("text/plain; version=0.0.4; charset=utf-8").send(await app.ctx.health.metrics()),
  );
}
