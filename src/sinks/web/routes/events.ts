import type { ResumeToken } from "../../../plugin/index.ts";
import { queryOf } from "../find-service.ts";
import { isCrossSite } from "../guards/cross-site.ts";
import { problem } from "../problem.ts";
import type { EventClients } from "../sse/clients.ts";
import { filterOf } from "../sse/filter.ts";
import { inScope } from "../sse/in-scope.ts";
import { onBothRoots } from "./both-roots.ts";
import type { WebApp } from "./web-app.ts";

/**
 * `/events`: server-sent events, resumed by `Last-Event-ID` (or `?after=`, for who cannot set a header). Pages of other origins are turned
 * away: they could not read it, but they could take up all the room. `?pulse` tells only that something happened.
 */
export function eventsRoute({ http, ctx, ...app }: WebApp, clients: EventClients): void {
  onBothRoots({ http, ctx, ...app }, "GET", "/events", async (scope, request, reply) => {
    if (isCrossSite(request.headers)) return problem(request, reply, 403, "events are not for other sites");
    const query = queryOf(request);
    const filter = filterOf(query);
    if (typeof filter === "string") return problem(request, reply, 400, filter);
    if (clients.full)
      return problem(request, reply.header("retry-after", "10"), 503, "too many clients follow the events");
    reply.type("text/event-stream; charset=utf-8");
    if (request.method === "HEAD") return reply.send();
    const resume = request.headers["last-event-id"];
    const after = (typeof resume === "string" && resume) || query.get("after") || undefined;

    reply.hijack();
    reply.raw.writeHead(200, reply.getHeaders() as Record<string, string>);
    const pulse = query.has("pulse");
    const following = {
      key: JSON.stringify([scope.base, pulse, filter]),
      pulse,
      head: ctx.position,
      open: (from: ResumeToken, signal: AbortSignal) =>
        inScope(ctx.events({ after: from, filter, signal }), scope, ctx.board),
    };
    await clients.serve(reply.raw, following, after);
    return reply;
  });
}
