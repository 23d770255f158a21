import type { FastifyRequest } from "fastify";

/**
 * The segments of a request's path below the root that serves it (`/` or `/m/<instance>/`), each decoded once by itself, so that an id
 * keeps its slashes and a file's name can be refused for having some.
 * @returns undefined for a path that is badly encoded
 */
export function pathSegments(request: FastifyRequest): readonly string[] | undefined {
  const { url } = request.raw;
  const path = url?.split("?", 1)[0] ?? "/";
  const { instance } = request.params as { instance?: string };
  try {
    const segments = path.split("/").slice(1).map(decodeURIComponent);
    return instance === undefined ? segments : segments.slice(2);
  } catch {
    return undefined;
  }
}
