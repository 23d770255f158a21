import { feedDocument } from "../feeds/feed-document.ts";
import { onBothRoots } from "./both-roots.ts";
import type { WebApp } from "./web-app.ts";

/** `/feed`, and the spelling of later SlapOS clients. */
export function feedRoute(app: WebApp): void {
  for (const path of ["/feed", "/public/feed"])
    onBothRoots(app, "GET", path, (scope, request, reply) =>
      feedDocument(app, scope, request).send(request, reply),
    );
}
