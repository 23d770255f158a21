import type { IncomingHttpHeaders } from "node:http";

/**
 * Whether a page of another origin sent this request. Browsers say so in `Sec-Fetch-Site` or `Origin`, and pages cannot forge either; who
 * sends neither is no browser.
 */
export function isCrossSite(headers: IncomingHttpHeaders): boolean {
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin" && site !== "none") return true;
  const { origin } = headers;
  return origin !== undefined && origin.toLowerCase() !== `http://${headers.host ?? ""}`.toLowerCase();
}
