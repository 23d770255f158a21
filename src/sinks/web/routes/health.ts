import { principalOf } from "../access/request-principal.ts";
import { onServer } from "./on-server.ts";
import type { WebApp } from "./web-app.ts";

/**
 * `/livez` answers as long as the process does; `/readyz` with 503 while lifeguard is not ready for its users, and how each
 * component is only to those who may know.
 */
export function healthRoutes(app: WebApp): void {
  const { health, authorize } = app.ctx;
  onServer(app, "GET", "/livez", "anyone", (_request, reply) =>
    reply.type("application/json").send('{"status":"ok"}'),
  );
  onServer(app, "GET", "/readyz", "look", (request, reply) => {
    const ready = health.ready();
    const details = authorize(principalOf(request), "operate", null) && {
      config_error: health.configError(),
      components: health.components(),
    };
    return reply
      .code(ready ? 200 : 503)
      .type("application/json")
      .send(JSON.stringify({ status: ready ? "ready" : "not ready", ...details }));
  });
}
