import type { FastifyReply, FastifyRequest } from "fastify";
import { multipleChoices } from "../choices.ts";
import { findResource, type Tree } from "../files/resource-file.ts";
import { sendResource } from "../files/send-resource.ts";
import { problem } from "../problem.ts";
import type { Scope } from "../site.ts";

/** A request for a file of a tree that belongs to an instance, not to one of its services. */
export interface InstanceFile {
  readonly scope: Scope;
  readonly tree: Tree;
  /** Decoded, below the tree. */
  readonly segments: readonly string[];
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** Sends it. Where several instances have it, the client chooses. */
export async function instanceFile({
  scope,
  tree,
  segments,
  request,
  reply,
}: InstanceFile): Promise<FastifyReply> {
  const owners = [...scope.descriptions].filter(([, { resources }]) =>
    findResource(resources, tree, segments),
  );
  const [owner] = owners;
  if (owner === undefined) return problem(request, reply, 404, "there is nothing here");
  if (owners.length === 1) return sendResource(request, reply, owner[1].resources, tree, segments);
  const path = segments.map(encodeURIComponent).join("/");
  return multipleChoices(
    request,
    reply,
    owners.map(([name]) => ({
      href: `${scope.site.scope(name)?.base}/${tree}/${path}`,
      title: `${segments.join("/")} of ${name}`,
    })),
  );
}
