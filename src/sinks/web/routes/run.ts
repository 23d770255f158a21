import type { FastifyReply, FastifyRequest } from "fastify";
import { LifeguardError, type SinkContext, type SubjectState } from "../../../plugin/index.ts";
import { principalOf } from "../access/request-principal.ts";
import { multipleChoices } from "../choices.ts";
import { choicesOf, findService, queryOf } from "../find-service.ts";
import { problem } from "../problem.ts";
import { serviceUrls } from "../service-urls.ts";
import { onBothRoots } from "./both-roots.ts";
import type { WebApp } from "./web-app.ts";

/** How long, in milliseconds, the page's form waits for the result, so that a person without script comes back to a fresh one. */
const PATIENCE = 2000;

/** Runs a service's check now: the seed's CGI address, and the form of the page, which leads back to it. */
export function runRoutes(app: WebApp): void {
  const { ctx } = app;
  const cgi = "/cgi-bin/monitor-run-promise.cgi";

  for (const method of ["GET", "PUT", "PATCH", "DELETE"] as const)
    onBothRoots(app, method, cgi, "command", (_scope, request, reply) =>
      problem(request, reply.header("allow", "POST"), 405, "a check is run by POST"),
    );

  onBothRoots(app, "POST", cgi, "command", async (scope, request, reply) => {
    const parameters = parametersOf(request);
    const id = parameters.get("service");
    if (!id) return problem(request, reply, 400, "name the service: ?service=<id>");
    const found = findService(scope, id, parameters);
    if (found.kind === "several")
      return multipleChoices(
        request,
        reply,
        choicesOf(scope, found.states, ({ root, fields }) => `${root}${cgi}?${new URLSearchParams(fields)}`),
      );
    if (found.kind === "none") return problem(request, reply, 404, "there is no such service");
    return (await start(ctx, found.state, request))
      ? reply.code(204).send()
      : problem(request, reply, 404, "this service cannot be run by hand");
  });

  otherScripts(app);

  onBothRoots(app, "POST", "/run", "command", async (scope, request, reply) => {
    const parameters = parametersOf(request);
    const found = findService(scope, parameters.get("service") ?? "", parameters);
    if (found.kind !== "one") return problem(request, reply, 404, "there is no such service");
    const { state } = found;
    const seen = nextResult(ctx, state, reply);
    if (!(await start(ctx, state, request)))
      return problem(request, reply, 404, "this service cannot be run by hand");
    await seen;
    const back = parameters.get("back") === "service" ? serviceUrls(scope, state).page : `${scope.base}/`;
    return reply.redirect(back, 303);
  });
}

/** No other script of a cgi-folder is ever run, nor told from one that is not there. */
function otherScripts(app: WebApp): void {
  for (const method of ["GET", "POST"] as const)
    onBothRoots(app, method, "/cgi-bin/*", "command", (_scope, request, reply) =>
      problem(request, reply, 404, "no script is run here"),
    );
}

/** Starts a run, unless one is under way. Returns false for a service that no one can run. */
async function start(
  ctx: SinkContext,
  { subject, source }: SubjectState,
  request: FastifyRequest,
): Promise<boolean> {
  try {
    const from = request.server.proxies.client(request.raw);
    await ctx.commands.send(subject, "run", { wait: false, source, by: principalOf(request), from });
    return true;
  } catch (error) {
    if (!(error instanceof LifeguardError)) throw error;
    if (error.code === "COMMAND_BUSY") return true;
    if (error.code === "COMMAND_UNKNOWN") return false;
    throw error;
  }
}

/** Resolves at the service's next event, or when patience ends. Never rejects. */
async function nextResult(
  ctx: SinkContext,
  { subject, source }: SubjectState,
  reply: FastifyReply,
): Promise<void> {
  const stop = new AbortController();
  const end = () => stop.abort();
  const cancel = ctx.clock.setTimeout(end, PATIENCE, ctx.signal);
  reply.raw.once("close", end);
  try {
    for await (const item of ctx.events({
      filter: { subjects: [subject], sources: [source] },
      signal: stop.signal,
    }))
      if (item.kind === "events") return;
  } catch {
    // Whatever ended the stream, there is nothing more to wait for.
  } finally {
    cancel();
    reply.raw.off("close", end);
    stop.abort();
  }
}

/** The parameters of the query and of the form, those of the query first. */
function parametersOf(request: FastifyRequest): URLSearchParams {
  const parameters = queryOf(request);
  if (request.body instanceof URLSearchParams)
    for (const [name, value] of request.body) parameters.append(name, value);
  return parameters;
}
