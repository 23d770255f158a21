import type { FastifyReply, FastifyRequest } from "fastify";
import { compileGlob } from "../../../plugin/index.ts";
import { type Badge, badgeJson, badgeSvg } from "../embed/badge.ts";
import { badgeOf } from "../embed/badge-of.ts";
import { embeddable, embedHeaders } from "../embed/embedding.ts";
import { queryOf } from "../find-service.ts";
import { titleOf } from "../page/words.ts";
import { pathSegments } from "../path.ts";
import { problem } from "../problem.ts";
import { Representation } from "../representation.ts";
import type { Scope } from "../site.ts";
import { onBothRoots } from "./both-roots.ts";
import type { WebApp } from "./web-app.ts";

const SUFFIX = /\.(svg|json)$/;

/**
 * `/badge/<subject>.svg`, by subject, by id, or by a glob of subjects, with its slashes encoded or not, and `/badge.svg` for a whole root;
 * `.json` for shields.io. What does not exist, or may not be looked at, is a badge that says so, with 404.
 */
export function badgeRoutes(app: WebApp): void {
  for (const path of ["/badge.svg", "/badge.json"])
    onBothRoots(app, "GET", path, "look", async (scope, request, reply) => {
      const shown = embeddable(app, scope, request);
      const { states, title } = shown ?? { states: [], title: "lifeguard" };
      const badge = await badgeOf(app, states, title, queryOf(request));
      return send(app, request, reply, path.endsWith(".json"), badge, states);
    });
  onBothRoots(app, "GET", "/badge/*", "look", async (scope, request, reply) => {
    const path = pathSegments(request)?.slice(1).join("/") ?? "";
    const [, suffix] = SUFFIX.exec(path) ?? [];
    if (suffix === undefined) return problem(request, reply, 404, "a badge ends in .svg or .json");
    const name = path.replace(SUFFIX, "");
    const query = queryOf(request);
    const states = statesOf(embeddable(app, scope, request), name, query);
    const [state] = states;
    if (state === undefined) reply.code(404);
    const badge: Badge | string =
      state === undefined
        ? { label: (query.get("label") ?? name).slice(0, 60), value: "not found", tone: "none" }
        : await badgeOf(app, states, isGlob(name) ? name : titleOf(state), query);
    return send(app, request, reply, suffix === "json", badge, states);
  });
}

/** By subject first, as an id may be another's subject; `source` and `origin` tell apart what shares a name. */
function statesOf(scope: Scope | undefined, name: string, query: URLSearchParams): Scope["states"] {
  if (!scope) return [];
  const isNamed = compileGlob(name);
  const bySubject = scope.states.filter(({ subject }) => isNamed(subject));
  const source = query.get("source");
  const origin = query.get("origin");
  return (bySubject.length > 0 ? bySubject : scope.find(name)).filter(
    (state) => (source ?? state.source) === state.source && (origin ?? state.origin) === state.origin,
  );
}

/** Whether a name stands for several services, and so has no title. */
function isGlob(name: string): boolean {
  return name.includes("*");
}

function send(
  app: WebApp,
  request: FastifyRequest,
  reply: FastifyReply,
  json: boolean,
  badge: Badge | string,
  states: Scope["states"],
): FastifyReply | Promise<FastifyReply> {
  if (typeof badge === "string") return problem(request, reply, 400, badge);
  embedHeaders(app, request, reply, { kind: "picture", states });
  return json
    ? new Representation("application/json", badgeJson(badge)).send(request, reply)
    : new Representation("image/svg+xml; charset=utf-8", badgeSvg(badge).toString()).send(request, reply);
}
