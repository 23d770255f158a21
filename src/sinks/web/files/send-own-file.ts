import type { FastifyReply, FastifyRequest } from "fastify";
import { OWN_PAGE_POLICY } from "../guards/security-headers.ts";
import type { Scope } from "../site.ts";
import { type OwnFile, openOwnFile } from "./own-page.ts";
import { sendFile } from "./send-file.ts";

const TYPES: Readonly<Record<OwnFile, string>> = {
  "index.html": "text/html; charset=utf-8",
  "monitor.css": "text/css; charset=utf-8",
  "monitor.js": "text/javascript; charset=utf-8",
};

/** Sends the file that an operator has put in place of ours; undefined where there is none. */
export async function sendOwnFile(
  scope: Scope,
  name: OwnFile,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply | undefined> {
  const opened = await openOwnFile(scope, name);
  return (
    opened && sendFile(request, reply.header("content-security-policy", OWN_PAGE_POLICY), opened, TYPES[name])
  );
}
