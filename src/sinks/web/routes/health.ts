import type { WebApp } from "./web-app.ts";

/** `/livez` answers as long as the process does; `/readyz` says how every component is, with 503 while one is not ready. */
export function healthRoutes({ http, ctx }: WebApp): void {
  http.get("/livez", async (_request, reply) => reply.type("application/json").send('{"status":"ok"}'));
  http.get("/readyz", async (_request, reply) => {
    const { health } = ctx;
    const ready = health.ready();
    return reply
      .code(ready ? 200 : 503)
      .type("application/json")
      .send(
        JSON.stringify({
          status: ready ? "ready" : "not ready",
          config_error: health.configError(),
          components: health.components(),
        }),
      );
  });
}
