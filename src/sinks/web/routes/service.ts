import type { FastifyReply, FastifyRequest } from "fastify";
import { type SubjectState, statusDocument } from "../../../plugin/index.ts";
import { multipleChoices } from "../choices.ts";
import { ownFiles } from "../files/own-page.ts";
import { sendResource } from "../files/send-resource.ts";
import { choicesOf, findService, queryOf } from "../find-service.ts";
import { historyDocument } from "../history-json.ts";
import { servicePage } from "../page/service.ts";
import { periodOf } from "../past/period.ts";
import { pathSegments } from "../path.ts";
import { problem } from "../problem.ts";
import { Representation } from "../representation.ts";
import { customInterface, type ServiceUrls, serviceUrls } from "../service-urls.ts";
import type { Scope } from "../site.ts";
import { onBothRoots } from "./both-roots.ts";
import type { WebApp } from "./web-app.ts";

/** A request for one service of a root. */
export interface ServiceRequest {
  readonly app: WebApp;
  readonly scope: Scope;
  readonly id: string;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** The second spelling of a service's addresses, `/<id>/status.json` and `/<id>/index.html`, and its page where it has one of its own. */
export function serviceRoutes(app: WebApp): void {
  onBothRoots(app, "GET", "/:id/status.json", "look", (scope, request, reply) =>
    statusJson({ app, scope, id: pathSegments(request)?.[0] ?? "", request, reply }),
  );
  onBothRoots(app, "GET", "/:id/index.html", "look", (scope, request, reply) =>
    serviceInterface({ app, scope, id: pathSegments(request)?.[0] ?? "", request, reply }),
  );
  onBothRoots(app, "GET", "/default-promise-interface.html", "look", (scope, request, reply) => {
    const id = queryOf(request).get("service_name") ?? "";
    return oneService(
      { app, scope, id, request, reply },
      ({ page }) => page,
      (state) => ownPage(app, state, scope, request, reply),
    );
  });
}

/** Answers with a service's `status.json`; 404 until its first result. */
export async function statusJson(asked: ServiceRequest): Promise<FastifyReply> {
  const { request, reply } = asked;
  return oneService(
    asked,
    ({ status }) => status,
    (state) => {
      if (state.event === null && state.stale === null)
        return problem(request, reply, 404, "this service has no result yet");
      const document = JSON.stringify(statusDocument(state));
      return new Representation("application/json", document).send(request, reply);
    },
  );
}

/** Answers with a service's `history.json`. */
export async function historyJson(asked: ServiceRequest): Promise<FastifyReply> {
  return oneService(
    asked,
    ({ history }) => history,
    (state) => {
      const document = JSON.stringify(historyDocument(state, asked.app.ctx.board));
      return new Representation("application/json", document).send(asked.request, asked.reply);
    },
  );
}

/** Answers with the interface that a service brings, or else with our page of it. */
export async function serviceInterface(asked: ServiceRequest): Promise<FastifyReply> {
  const { app, scope, request, reply } = asked;
  return oneService(
    asked,
    (urls) => urls.interface,
    (state) => {
      const own = customInterface(scope, state);
      if (own === undefined) return ownPage(app, state, scope, request, reply);
      const tree = own.public ? "public" : "private";
      // A folder is served under its own name, so that relative links in its pages lead where they should.
      if (own.name === "interface")
        return reply.redirect(serviceUrls(scope, state).file("interface/index.html", tree), 307);
      return sendResource(request, reply, state.description.resources, tree, [own.name]);
    },
  );
}

/** Hands the one service that an id names to a handler; answers 404 or the choices otherwise. */
export async function oneService(
  { scope, id, request, reply }: ServiceRequest,
  href: (urls: ServiceUrls) => string,
  handler: (state: SubjectState) => FastifyReply | Promise<FastifyReply>,
): Promise<FastifyReply> {
  const found = findService(scope, id, queryOf(request));
  if (found.kind === "one") return handler(found.state);
  return found.kind === "none"
    ? problem(request, reply, 404, "there is no such service")
    : multipleChoices(request, reply, choicesOf(scope, found.states, href));
}

async function ownPage(
  { ctx, pasts }: WebApp,
  state: SubjectState,
  scope: Scope,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { board, clock, silences } = ctx;
  // The position first: what comes while the history is asked is then told again, and not left out.
  const position = ctx.position();
  const [past, own] = await Promise.all([pasts.of(state, periodOf(queryOf(request))), ownFiles(scope)]);
  const silence = silences.of({ subject: state.subject, labels: state.event?.labels ?? {} });
  const page = servicePage({ scope, state, board, past, silence, position, now: clock.now(), own });
  return new Representation("text/html; charset=utf-8", page.toString()).send(request, reply);
}
