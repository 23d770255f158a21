import type { FastifyReply, FastifyRequest } from "fastify";
import { negotiate } from "./negotiate.ts";
import { html } from "./page/html.ts";
import { simplePage } from "./page/simple.ts";

/** Answers an error in the words and the type that the client understands: a page for people, JSON or one line of text for programs. */
export function problem(
  request: FastifyRequest,
  reply: FastifyReply,
  status: number,
  message: string,
): FastifyReply {
  reply.code(status).header("cache-control", "no-store").header("vary", "Accept");
  switch (negotiate(request.headers.accept, ["text/plain", "text/html", "application/json"])) {
    case "text/html":
      return reply
        .type("text/html; charset=utf-8")
        .send(simplePage(message, html`<p><a href="/">Back to the overview</a></p>`));
    case "application/json":
      return reply.type("application/json").send(JSON.stringify({ status, message }));
    default:
      return reply.type("text/plain; charset=utf-8").send(`${message}\n`);
  }
}
