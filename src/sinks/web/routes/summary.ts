import { embeddable, embedHeaders } from "../embed/embedding.ts";
import { summaryJson, summaryOf, summaryPage } from "../embed/summary.ts";
import { queryOf } from "../find-service.ts";
import { silenceFinder } from "../page/silence-finder.ts";
import { problem } from "../problem.ts";
import { Representation } from "../representation.ts";
import { onBothRoots } from "./both-roots.ts";
import type { WebApp } from "./web-app.ts";

/**
 * `/summary`, a small page for a frame of another site, and `/summary.json`: what a root comes to. With `?refresh` the page loads itself
 * again every minute.
 */
export function summaryRoutes(app: WebApp): void {
  const { ctx, related } = app;
  for (const path of ["/summary", "/summary.json"])
    onBothRoots(app, "GET", path, "look", (scope, request, reply) => {
      const shown = embeddable(app, scope, request);
      if (!shown) return problem(request, reply, 404, "there is no such instance");
      const summary = summaryOf(shown, silenceFinder(ctx), related.shown(shown), ctx.clock.now());
      embedHeaders(app, request, reply, { kind: "frame", states: shown.states });
      const made = path.endsWith(".json")
        ? new Representation("application/json", JSON.stringify(summaryJson(summary)))
        : new Representation(
            "text/html; charset=utf-8",
            summaryPage(summary, queryOf(request).has("refresh")).toString(),
          );
      return made.send(request, reply);
    });
}
