import { Representation } from "../representation.ts";
import type { WebApp } from "../routes/web-app.ts";
import type { Scope } from "../site.ts";
import { overview } from "./overview.ts";

/** How long, in milliseconds, the relative times of a page may be behind. */
const AGE = 10_000;

/** A root as a page. */
export function pageDocument({ cache, ctx }: WebApp, scope: Scope): Representation {
  const { board, health, clock } = ctx;
  const now = clock.now();
  const own = health.components().map(({ id, state, status, message }) => [id, state, status, message]);
  const version = JSON.stringify([board.version, Math.floor(now / AGE), health.configError(), own]);
  return cache.get(`page ${scope.base} ${scope.site.audience}`, version, () => {
    const page = overview({ scope, health, position: ctx.position(), now });
    return new Representation("text/html; charset=utf-8", page.toString());
  });
}
