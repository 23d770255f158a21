import { html } from "../page/html.ts";
import { layout } from "../page/layout.ts";
import { relatedMonitors } from "../page/related.ts";
import { Representation } from "../representation.ts";
import { onBothRoots } from "./both-roots.ts";
import type { WebApp } from "./web-app.ts";

/** How long, in milliseconds, the relative times may be behind. */
const AGE = 10_000;

/** `/related`: the related monitors of a root by themselves, which the page asks for when it is told that they have changed. */
export function relatedRoute(app: WebApp): void {
  const { cache, ctx, related } = app;
  onBothRoots(app, "GET", "/related", "read", (scope, request, reply) => {
    const now = ctx.clock.now();
    const version = [ctx.board.version, related.version, Math.floor(now / AGE)].join(" ");
    const document = cache.get(`related ${scope.base} ${scope.site.audience}`, version, () => {
      const page = layout({
        title: `Related monitors · ${scope.title}`,
        scope,
        home: { href: `${scope.lists}/`, title: scope.title },
        main: html`<h1>Related monitors</h1>${relatedMonitors(scope, related.shown(scope), now)}`,
      });
      return new Representation("text/html; charset=utf-8", page.toString());
    });
    return document.send(request, reply);
  });
}
