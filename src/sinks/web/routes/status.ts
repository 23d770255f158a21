import { principalOf } from "../access/request-principal.ts";
import { healthPage } from "../page/health-page.ts";
import { Representation } from "../representation.ts";
import { onServer } from "./on-server.ts";
import type { WebApp } from "./web-app.ts";

/** `/status`: the page about lifeguard itself. */
export function statusRoute(app: WebApp): void {
  const { health, silences, clock, position } = app.ctx;
  onServer(app, "GET", "/status", "operate", (request, reply) => {
    const page = healthPage({
      scope: app.sites.of(principalOf(request), "read").root(),
      health,
      silences: silences.active(),
      position: position(),
      now: clock.now(),
    });
    return new Representation("text/html; charset=utf-8", page.toString()).send(request, reply);
  });
}
