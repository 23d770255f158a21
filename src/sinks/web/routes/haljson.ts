import { onBothRoots } from "./both-roots.ts";
import { halDocument } from "./documents.ts";
import type { WebApp } from "./web-app.ts";

/** `/monitor.haljson`: title, related monitors and every service. */
export function haljsonRoute(app: WebApp): void {
  onBothRoots(app, "GET", "/monitor.haljson", (scope, request, reply) =>
    halDocument(app, scope).send(request, reply),
  );
}
