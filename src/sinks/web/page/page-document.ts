import { ownFiles } from "../files/own-page.ts";
import { Representation } from "../representation.ts";
import type { WebApp } from "../routes/web-app.ts";
import type { Scope } from "../site.ts";
import { type Overview, overview, overviewChanges } from "./overview.ts";
import { silenceFinder } from "./silence-finder.ts";
import { showsAll, viewOf } from "./view.ts";

const TYPE = "text/html; charset=utf-8";

/** How long, in milliseconds, the relative times of a page may be behind. */
const AGE = 10_000;

/**
 * A root as a page.
 * @param query `q`, `status` and `label` choose what is shown; `after` asks for what is new to a page that shows a revision already
 */
export async function pageDocument(
  app: WebApp,
  scope: Scope,
  query: URLSearchParams,
): Promise<Representation> {
  const { cache, ctx, days, related, revisions } = app;
  const { board, health, clock, silences } = ctx;
  const own = await ownFiles(scope);
  const now = clock.now();
  const after = query.get("after");
  // Whether there are days is part of the revision: where they have come or gone, every row is another one.
  const [, token, shownDays] = /^(.*)\.(days|none)$/.exec(after ?? "") ?? [];
  const difference = token !== undefined && shownDays === daysWord(days) ? revisions.since(token) : undefined;
  if (difference) return html(overviewChanges(parts(app, scope, query, now), difference).toString());
  if (!showsAll(viewOf(query))) return html(overview({ ...parts(app, scope, query, now), own }).toString());
  const components = health
    .components()
    .map(({ id, state, status, message }) => [id, state, status, message]);
  const shown = [board.version, days.version, related.version, silences.version, Math.floor(now / AGE)];
  const version = JSON.stringify([...shown, health.configError(), components, own]);
  return cache.get(`page ${scope.base} ${scope.site.audience}`, version, () =>
    html(overview({ ...parts(app, scope, query, now), own }).toString()),
  );
}

function daysWord({ empty }: WebApp["days"]): "days" | "none" {
  return empty ? "none" : "days";
}

function html(text: string): Representation {
  return new Representation(TYPE, text);
}

function parts(
  { ctx, days, related, revisions, order, rowCache }: WebApp,
  scope: Scope,
  query: URLSearchParams,
  now: number,
): Overview {
  // The position first: what comes while the page is made is then told again, and not left out.
  const position = ctx.position();
  const revision = `${revisions.token()}.${daysWord(days)}`;
  return {
    scope,
    related: related.shown(scope),
    health: ctx.health,
    view: viewOf(query),
    order,
    rowCache,
    silences: ctx.silences.active(),
    silenceOf: silenceFinder(ctx),
    daysOf: days.empty ? undefined : (state) => days.of(state),
    daysVersion: days.version,
    idOf: (state) => revisions.id(state),
    position,
    revision,
    now,
  };
}
