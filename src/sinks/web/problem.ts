import type { FastifyReply, FastifyRequest } from "fastify";
import { principalOf } from "./access/request-principal.ts";
import { negotiate } from "./negotiate.ts";
import { type Html, html } from "./page/html.ts";
import { simplePage } from "./page/simple.ts";

/** The seed's realm: browsers that know its password need not ask for it again. */
const CHALLENGE = 'Basic realm="Private access", charset="UTF-8"';

/**
 * Answers an error in the words and the type that the client understands: a page for people, JSON or one line of text for programs.
 * Somebody who has not logged in is asked to instead of being told that there is nothing, so that what is forbidden looks like what does
 * not exist.
 */
export function problem(
  request: FastifyRequest,
  reply: FastifyReply,
  status: number,
  message: string,
): FastifyReply {
  const hide = status === 404 && request.principal !== null && principalOf(request).kind === "anonymous";
  return hide ? challenge(request, reply) : answer(request, reply, status, message);
}

/** Asks for a login: 401, with the challenge that makes browsers ask for name and password. */
export function challenge(
  request: FastifyRequest,
  reply: FastifyReply,
  message = "a login is needed here",
): FastifyReply {
  return answer(request, reply.header("www-authenticate", CHALLENGE), 401, message);
}

function answer(request: FastifyRequest, reply: FastifyReply, status: number, message: string): FastifyReply {
  reply.code(status).header("cache-control", "no-store").header("vary", "Accept");
  switch (negotiate(request.headers.accept, ["text/plain", "text/html", "application/json"])) {
    case "text/html":
      return reply.type("text/html; charset=utf-8").send(simplePage(request, message, wayBack(request)));
    case "application/json":
      return reply.type("application/json").send(JSON.stringify({ status, message }));
    default:
      return reply.type("text/plain; charset=utf-8").send(`${message}\n`);
  }
}

function wayBack(request: FastifyRequest): Html {
  return html`<p><a href="${request.server.mount}/">Back to the overview</a></p>`;
}
