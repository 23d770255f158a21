import type { WebApp } from "./web-app.ts";

/** `/metrics`: everything that lifeguard counts, in the text format of Prometheus. */
export function metricsRoute({ http, ctx }: WebApp): void {
  http.get("/metrics", async (_request, reply) =>
    reply.type("text/plain; version=0.0.4; charset=utf-8").send(await ctx.health.metrics()),
  );
}
