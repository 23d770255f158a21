/** What the first line of a request asks for. */
export interface RequestTarget {
  /** Whom; undefined where only the Host header says it. */
  readonly authority: string | undefined;
  /** Path and query. */
  readonly path: string;
}

const ABSOLUTE = /^https?:\/\/([^/?#]*)/i;

/**
 * Reads a request's target. A whole URL, as clients send it to proxies, is taken for its path, and its authority goes before the Host
 * header (RFC 9112 §3.2.2): what chooses the route, the host that is checked and the file that is sent must be read from the same text.
 * @returns undefined for what names nothing here, such as `*`
 */
export function parseTarget(text: string): RequestTarget | undefined {
  if (text.startsWith("/")) return { authority: undefined, path: text };
  const [origin, authority] = ABSOLUTE.exec(text) ?? [];
  if (origin === undefined) return undefined;
  const path = text.slice(origin.length);
  return { authority, path: path.startsWith("/") ? path : `/${path}` };
}
