import { LifeguardError } from "../../../plugin/index.ts";

/** What is said to a server that asks who we are. */
export interface Login {
  readonly username: string;
  readonly password: string;
}

/** Where a related monitor is. */
export interface Address {
  /** Its root with a final slash, without query and fragment: equal for two spellings of one monitor. */
  readonly root: URL;
  /** Its document. */
  readonly document: URL;
}

const DOCUMENT = "monitor.haljson";

/**
 * Reads the URL of a related monitor as SlapOS's page does: a slash is added, and its document is `monitor.haljson` below.
 * @throws LifeguardError `RELATED_URL` for what is no absolute http or https URL, or has a login in it; the message holds none
 */
export function parseAddress(href: string): Address {
  const refuse = (why: string) => new LifeguardError("RELATED_URL", why);
  if (!URL.canParse(href)) throw refuse("this is not a URL that can be asked");
  const root = new URL(href);
  if (root.protocol !== "http:" && root.protocol !== "https:")
    throw refuse(`only http and https can be asked, not ${root.protocol.slice(0, -1)}`);
  if (root.username !== "" || root.password !== "")
    throw refuse("a login does not belong into the URL: write `username`, and `password` by reference");
  root.search = "";
  root.hash = "";
  if (root.pathname.endsWith(`/${DOCUMENT}`)) root.pathname = root.pathname.slice(0, -DOCUMENT.length);
  else if (!root.pathname.endsWith("/")) root.pathname += "/";
  return { root, document: new URL(DOCUMENT, root) };
}

/** The root of a related monitor; undefined for what is no absolute http or https URL. */
export function rootOf(href: string): URL | undefined {
  try {
    return parseAddress(href).root;
  } catch {
    return undefined;
  }
}

/** What tells related monitors apart: the root for a valid URL, the text of any other. */
export function addressKey(href: string): string {
  return rootOf(href)?.href ?? href;
}
