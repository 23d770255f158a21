import { HAL, halMonitor, serviceId } from "../../../plugin/index.ts";
import { overview } from "../page/overview.ts";
import { plainText } from "../plain-text.ts";
import { Representation } from "../representation.ts";
import { serviceUrls } from "../service-urls.ts";
import type { Scope } from "../site.ts";
import type { WebApp } from "./web-app.ts";

/** How long, in milliseconds, the relative times of a page may be behind. */
const AGE = 10_000;

/** A root as HAL. */
export function halDocument({ site, cache, ctx }: WebApp, scope: Scope, type: string = HAL): Representation {
  return cache.get(`hal ${type} ${scope.base}`, String(ctx.board.version), () => {
    const services = scope.states.map((state) => {
      const { status, interface: page } = serviceUrls(site, scope, state);
      const { title } = state.description;
      return {
        id: serviceId(state.subject),
        title,
        status: state.status === "ok" ? "OK" : "BAD",
        message: state.stale ?? state.message,
        links: { status, interface: page },
      };
    });
    const related = scope.related.map(({ href }) => href);
    return new Representation(
      type,
      JSON.stringify(halMonitor({ title: scope.title, related, services }, scope.base)),
    );
  });
}

/** A root as one line of text a service. */
export function textDocument({ cache, ctx }: WebApp, scope: Scope): Representation {
  return cache.get(
    `text ${scope.base}`,
    String(ctx.board.version),
    () => new Representation("text/plain; charset=utf-8", plainText(scope.states)),
  );
}

/** A root as a page. */
export function pageDocument({ site, cache, ctx }: WebApp, scope: Scope): Representation {
  const { board, health, clock } = ctx;
  const now = clock.now();
  const own = health.components().map(({ id, state, status, message }) => [id, state, status, message]);
  const version = JSON.stringify([board.version, Math.floor(now / AGE), health.configError(), own]);
  return cache.get(`page ${scope.base}`, version, () => {
    const page = overview({ site, scope, health, position: ctx.position(), now });
    return new Representation("text/html; charset=utf-8", page.toString());
  });
}
