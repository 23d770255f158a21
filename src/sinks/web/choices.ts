import type { FastifyReply, FastifyRequest } from "fastify";
import { negotiate } from "./negotiate.ts";
import { html } from "./page/html.ts";
import { simplePage } from "./page/simple.ts";

/** One of several things that an address could mean. */
export interface Choice {
  readonly href: string;
  readonly title: string;
}

/** Answers 300: the address means more than one thing, and these are the links to each. Pages for people, JSON for programs. */
export function multipleChoices(
  request: FastifyRequest,
  reply: FastifyReply,
  choices: readonly Choice[],
): FastifyReply {
  reply.code(300).header("vary", "Accept");
  if (negotiate(request.headers.accept, ["application/json", "text/html"]) === "text/html")
    return reply
      .type("text/html; charset=utf-8")
      .send(
        simplePage(
          request,
          "More than one service has this name",
          html`<ul class="choices">${choices.map(({ href, title }) => html`<li><a href="${href}">${title}</a></li>`)}</ul>`,
        ),
      );
  return reply
    .type("application/json")
    .send(JSON.stringify({ message: "more than one service has this id", choices }));
}
