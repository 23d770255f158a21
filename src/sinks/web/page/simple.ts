import type { FastifyRequest } from "fastify";
import { principalOf } from "../access/request-principal.ts";
import type { Html } from "./html.ts";
import { html } from "./html.ts";
import { layout } from "./layout.ts";

/** A page that says one thing and never changes: an error, a choice. */
export function simplePage(request: FastifyRequest, heading: string, body: Html): string {
  const prefix = request.server.mount;
  const lists = principalOf(request).kind === "anonymous" ? `${prefix}/public` : prefix;
  return layout({
    title: heading,
    scope: { lists, site: { prefix } },
    home: { href: `${lists}/`, title: "lifeguard" },
    main: html`<h1>${heading}</h1>${body}`,
  }).toString();
}
