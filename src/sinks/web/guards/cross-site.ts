import type { FastifyRequest } from "fastify";

/**
 * Makes the test whether a page of another origin sent a request. Browsers say so in `Sec-Fetch-Site` or `Origin`, and pages cannot forge
 * either; who sends neither is no browser.
 */
export function crossSiteGuard(): (request: FastifyRequest) => boolean {
  return (request) => {
    const { headers, protocol, server } = request;
    const site = headers["sec-fetch-site"];
    if (site !== undefined && site !== "same-origin" && site !== "none") return true;
    const origin = headers.origin?.toLowerCase();
    if (origin === undefined || origin === server.publicOrigin) return false;
    return origin !== `${protocol}://${headers.host ?? ""}`.toLowerCase();
  };
}
