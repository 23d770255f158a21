/** What lies at the top of our own addresses: a prefix that begins like it could not be told from it. */
const OWN = new Set(
  `m public private assets badge cgi-bin badge.json badge.svg events feed feed.atom index.html livez logout metrics monitor.css
   monitor.haljson monitor.js readyz related run status summary summary.json
   default-promise-interface.html`.split(/\s+/),
);

/**
 * Reads a `base_url`.
 * @returns the URL, or a sentence that says what is wrong with the text
 */
export function parseBaseUrl(text: string): URL | string {
  if (!URL.canParse(text)) return 'expected an absolute URL, such as "https://status.example.org/lifeguard/"';
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:")
    return "a base_url begins with http:// or https://";
  if (url.username !== "" || url.password !== "") return "a base_url has no user name and no password";
  if (url.search !== "" || url.hash !== "") return "a base_url ends with its path";
  const [, first = ""] = url.pathname.split("/");
  if (OWN.has(first)) return `a base_url's path cannot begin with /${first}, as lifeguard's own addresses do`;
  return url;
}

/** The path of a `base_url` without a final slash; empty without one. */
export function mountOf(baseUrl: URL | undefined): string {
  return baseUrl?.pathname.replace(/\/+$/, "") ?? "";
}

/** Takes the prefix off the path of a request, where a proxy has left it there. */
export function withoutMount(url: string, mount: string): string {
  if (mount === "" || !url.startsWith(mount)) return url;
  const rest = url.slice(mount.length);
  if (rest.startsWith("/")) return rest;
  return rest === "" || rest.startsWith("?") ? `/${rest}` : url;
}
