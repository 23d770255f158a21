import { onBothRoots } from "./both-roots.ts";
import { halDocument } from "./documents.ts";
import type { WebApp } from "./web-app.ts";

/** `/monitor.haljson`: title, related monitors and every service; below `/public/`, every one that may be looked at. */
export function haljsonRoute(app: WebApp): void {
  for (const [path, operation] of [
    ["/monitor.haljson", "read"],
    ["/public/monitor.haljson", "look"],
  ] as const)
    onBothRoots(app, "GET", path, operation, (scope, request, reply) =>
      halDocument(app, scope).send(request, reply),
    );
}
