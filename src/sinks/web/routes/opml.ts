import { type Outline, opml } from "../feeds/opml.ts";
import { originOf } from "../net/origin.ts";
import { addressKey, rootOf } from "../related/address.ts";
import type { RelatedSnapshot } from "../related/snapshot.ts";
import { Representation } from "../representation.ts";
import type { Scope } from "../site.ts";
import { onBothRoots } from "./both-roots.ts";
import type { WebApp } from "./web-app.ts";

/** `/public/feeds`: the feeds of this root and of every monitor that it is related to, to give to a feed reader at once. */
export function opmlRoute(app: WebApp): void {
  onBothRoots(app, "GET", "/public/feeds", "look", (scope, request, reply) => {
    const snapshots = new Map(app.related.shown(scope).map((one) => [one.key, one]));
    const outlines = outlinesOf(scope, originOf(request), snapshots);
    const document = opml(scope.title, app.started, outlines);
    return new Representation("text/x-opml; charset=utf-8", document).send(request, reply);
  });
}

function outlinesOf(
  scope: Scope,
  origin: string,
  snapshots: ReadonlyMap<string, RelatedSnapshot>,
): readonly Outline[] {
  // Below the bare root come its instances, if there are several.
  const own = scope.instance === undefined ? [...scope.site.instances().values()] : [];
  return [
    ownOutline(scope, origin),
    ...(own.length > 1 ? own.map((one) => ownOutline(one, origin)) : []),
    ...scope.related.flatMap(
      ({ href, title }) => relatedOutline(href, title, snapshots.get(addressKey(href))) ?? [],
    ),
  ];
}

/** The feed below `/public` is open to readers without a login, with what is public. */
function ownOutline({ title, base, lists }: Scope, origin: string): Outline {
  const documents = `${origin}${base}/public/`;
  return { title, page: `${origin}${lists}/`, feed: `${documents}feed`, documents };
}

/** Undefined for what is no URL. */
function relatedOutline(
  href: string,
  title: string | undefined,
  snapshot: RelatedSnapshot | undefined,
): Outline | undefined {
  const root = rootOf(href);
  if (!root) return undefined;
  return {
    title: snapshot?.title ?? title ?? root.host,
    page: root.href,
    feed: `${root}public/feed`,
    documents: snapshot?.lifeguard ? `${root}public/` : `${root}share/private/`,
  };
}
