import { basename } from "node:path";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Resource } from "../../../plugin/index.ts";
import { searchOf } from "../find-service.ts";
import { FILE_POLICY } from "../guards/security-headers.ts";
import { pathSegments } from "../path.ts";
import { problem } from "../problem.ts";
import { contentType } from "./content-type.ts";
import { readListing } from "./listing.ts";
import { type FoundResource, findResource, openResource, type Tree } from "./resource-file.ts";
import { sendFile } from "./send-file.ts";
import { sendListing } from "./send-listing.ts";

/**
 * Sends the file that a path names, in a sandbox, or shows the folder; 404 for everything that may not be served, without saying which it
 * was.
 * @param segments decoded, relative to the service or instance that owns the resources
 */
export async function sendResource(
  request: FastifyRequest,
  reply: FastifyReply,
  resources: readonly Resource[] | undefined,
  tree: Tree,
  segments: readonly string[],
): Promise<FastifyReply> {
  const found = findResource(resources, tree, segments);
  const opened = found && (await openResource(found));
  if (!opened) return problem(request, reply, 404, "there is nothing here");
  if (opened.kind === "folder") {
    const path = request.server.mount + (request.raw.url?.split("?", 1)[0] ?? "");
    const index = await openResource({
      ...(found as FoundResource),
      rest: [...(found?.rest ?? []), "index.html"],
    });
    await index?.handle.close();
    if (index?.kind !== "file" && path.endsWith("/"))
      return sendListing(request, reply, pathSegments(request) ?? [], await readListing(opened));
    await opened.handle.close();
    const name = index?.kind === "file" ? "index.html" : "";
    return reply.redirect(`${path.replace(/\/+$/, "")}/${name}${searchOf(request)}`, 307);
  }
  const type = contentType(basename(segments.at(-1) ?? ""));
  if (type === "application/octet-stream") reply.header("content-disposition", "attachment");
  return sendFile(request, reply.header("content-security-policy", FILE_POLICY), opened, type);
}
