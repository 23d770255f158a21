import { HAL, halMonitor, serviceId } from "../../../plugin/index.ts";
import { silenceFinder } from "../page/silence-finder.ts";
import { plainText } from "../plain-text.ts";
import { Representation } from "../representation.ts";
import { serviceUrls } from "../service-urls.ts";
import type { Scope } from "../site.ts";
import type { WebApp } from "./web-app.ts";

/** A root as HAL. */
export function halDocument({ cache, ctx }: WebApp, scope: Scope, type: string = HAL): Representation {
  return cache.get(`hal ${type} ${scope.base} ${scope.site.audience}`, versionOf(ctx), () => {
    const silenceOf = silenceFinder(ctx);
    const services = scope.states.map((state) => {
      const { status, interface: page } = serviceUrls(scope, state);
      const { title } = state.description;
      const silence = silenceOf(state);
      return {
        id: serviceId(state.subject),
        title,
        status: state.status === "ok" ? "OK" : "BAD",
        message: state.stale ?? state.message,
        verdict: state.status,
        since: state.stale === null ? state.since : state.seen,
        silenced: silence && { until: silence.until, why: silence.why },
        links: { status, interface: page },
      };
    });
    const related = scope.related.map(({ href }) => href);
    return new Representation(
      type,
      JSON.stringify(halMonitor({ title: scope.title, related, services }, scope.lists)),
    );
  });
}

/** A root as one line of text a service. */
export function textDocument({ cache, ctx }: WebApp, scope: Scope): Representation {
  return cache.get(
    `text ${scope.base} ${scope.site.audience}`,
    versionOf(ctx),
    () => new Representation("text/plain; charset=utf-8", plainText(scope.states, silenceFinder(ctx))),
  );
}

function versionOf({ board, silences }: WebApp["ctx"]): string {
  return `${board.version} ${silences.version}`;
}
