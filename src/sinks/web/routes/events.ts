import type { FastifyReply } from "fastify";
import type { Operation, ResumeToken } from "../../../plugin/index.ts";
import { principalOf } from "../access/request-principal.ts";
import { queryOf } from "../find-service.ts";
import { problem } from "../problem.ts";
import type { EventClients } from "../sse/clients.ts";
import { filterOf } from "../sse/filter.ts";
import { inScope } from "../sse/in-scope.ts";
import { onBothRoots } from "./both-roots.ts";
import type { WebApp } from "./web-app.ts";

/** Most clients at once that have not logged in where one can: the rest of the room is for those who have. */
const MAX_STRANGERS = 50;

/**
 * `/events`: server-sent events, resumed by `Last-Event-ID` (or `?after=`, for who cannot set a header); below `/public/`, those of what
 * may be looked at. Pages of other origins are turned away: they could not read it, but they could take up all the room. `?pulse` tells
 * only that something happened.
 */
export function eventsRoute(app: WebApp, clients: EventClients): void {
  const strangers = new Set<FastifyReply>();
  follow(app, clients, strangers, "/events", "read");
  follow(app, clients, strangers, "/public/events", "look");
}

function follow(
  app: WebApp,
  clients: EventClients,
  strangers: Set<FastifyReply>,
  path: string,
  operation: Operation,
): void {
  const { ctx } = app;
  onBothRoots(app, "GET", path, operation, async ({ instance }, request, reply) => {
    if (app.isCrossSite(request)) return problem(request, reply, 403, "events are not for other sites");
    const query = queryOf(request);
    const filter = filterOf(query);
    if (typeof filter === "string") return problem(request, reply, 400, filter);
    const principal = principalOf(request);
    const stranger = principal.kind === "anonymous";
    if (clients.full || (stranger && strangers.size >= MAX_STRANGERS))
      return problem(request, reply.header("retry-after", "10"), 503, "too many clients follow the events");
    reply.type("text/event-stream; charset=utf-8");
    if (request.method === "HEAD") return reply.send();
    const resume = request.headers["last-event-id"];
    const after = (typeof resume === "string" && resume) || query.get("after") || undefined;

    reply.hijack();
    reply.raw.writeHead(200, reply.getHeaders() as Record<string, string>);
    const pulse = query.has("pulse");
    // The scope is of this moment, and the stream outlives it: each event is asked about when it comes.
    const reader = {
      instance,
      board: ctx.board,
      may: (asked: Operation, subject: string | null) => ctx.authorize(principal, asked, subject),
      operation,
    };
    const following = {
      key: JSON.stringify([instance, operation, principal, pulse, filter]),
      pulse,
      head: ctx.position,
      open: (from: ResumeToken, signal: AbortSignal) =>
        inScope(ctx.events({ after: from, filter, signal }), reader),
    };
    // A login may be gone with the file that had it; whoever still has one comes back.
    const stop = app.doorkeeper.onChange(() => reply.raw.destroy());
    if (stranger) strangers.add(reply);
    await clients.serve(reply.raw, following, after);
    strangers.delete(reply);
    stop();
    return reply;
  });
}
