import type { FastifyRequest } from "fastify";

/**
 * Makes the test whether a page of another origin sent a request, one that is not trusted. Browsers say so in `Sec-Fetch-Site` or `Origin`, and pages cannot forge
 * either; who sends neither is no browser. Our own origins are that of `base_url`, the address that was asked, and what a proxy of ours
 * says was asked, if it is a name of ours.
 * @param isTrusted the test of requests from pages that the configuration trusts
 */
export function crossSiteGuard(
  isTrusted: (request: FastifyRequest) => boolean,
): (request: FastifyRequest) => boolean {
  return (request) => {
    if (isTrusted(request)) return false;
    const { headers, protocol, raw, server } = request;
    const site = headers["sec-fetch-site"];
    if (site !== undefined && site !== "same-origin" && site !== "none") return true;
    const origin = headers.origin?.toLowerCase();
    if (origin === undefined || origin === server.publicOrigin) return false;
    if (origin === `${protocol}://${headers.host ?? ""}`.toLowerCase()) return false;
    return origin !== `${server.proxies.scheme(raw)}://${server.proxies.host(raw)}`.toLowerCase();
  };
}
