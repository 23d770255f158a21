import type { FastifyReply, FastifyRequest } from "fastify";
import type { Resource } from "../../../plugin/index.ts";
import { contentType } from "../content-type.ts";
import { FILE_POLICY } from "../guards/security-headers.ts";
import { problem } from "../problem.ts";
import { findResource, openPublic } from "../public-file.ts";

/**
 * Streams the public file that a path names, in a sandbox; 404 for everything that may not be served, without saying which it was.
 * @param segments decoded, relative to the service or instance that owns the resources
 */
export async function sendResource(
  request: FastifyRequest,
  reply: FastifyReply,
  resources: readonly Resource[] | undefined,
  segments: readonly string[],
): Promise<FastifyReply> {
  const found = findResource(resources, segments);
  const opened = found && (await openPublic(found.resource, found.rest));
  if (opened?.kind === "folder") {
    const path = request.server.mount + (request.raw.url?.split("?", 1)[0]?.replace(/\/+$/, "") ?? "");
    // One more look decides whether there is an index; a folder without one has nothing to show.
    const index = await openPublic(found?.resource as Resource, [...(found?.rest ?? []), "index.html"]);
    if (index?.kind !== "file") return problem(request, reply, 404, "there is nothing here");
    await index.handle.close();
    return reply.redirect(`${path}/index.html`, 307);
  }
  if (opened?.kind !== "file") return problem(request, reply, 404, "there is nothing here");

  const { handle, size, mtimeMs } = opened;
  const etag = `W/"${size.toString(36)}-${Math.floor(mtimeMs).toString(36)}"`;
  reply
    .header("etag", etag)
    .header("last-modified", new Date(mtimeMs).toUTCString())
    .header("content-security-policy", FILE_POLICY);
  if (request.headers["if-none-match"] === etag) {
    await handle.close();
    return reply.code(304).send();
  }
  const type = contentType(segments.at(-1) ?? "");
  if (type === "application/octet-stream") reply.header("content-disposition", "attachment");
  reply.type(type);
  if (request.method === "HEAD") {
    await handle.close();
    return reply.send();
  }
  // No length: a log may be cut while it is read, and a promise of more bytes than there are would hang the client.
  return reply.send(handle.createReadStream());
}
