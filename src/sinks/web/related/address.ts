import { LifeguardError } from "../../../plugin/index.ts";

/** What is said to a server that asks who we are. */
export interface Login {
  readonly username: string;
  readonly password: string;
}

/** Where a related monitor is. */
export interface Address {
  /** Its root with a final slash, without login, query and fragment: equal for two spellings of one monitor. */
  readonly root: URL;
  /** Its document. */
  readonly document: URL;
  /** What stood in the URL; undefined where there was nothing. */
  readonly login: Login | undefined;
}

const DOCUMENT = "monitor.haljson";

/** A URL's text without user name and password, also where it is no valid URL: what may be shown. */
export function withoutLogin(href: string): string {
  return href.replace(/^(\s*[a-z][a-z0-9+.-]*:[/\\]*)[^/\\?#]*@/i, "$1");
}

/**
 * Reads the URL of a related monitor as SlapOS's page does: a slash is added, and its document is `monitor.haljson` below.
 * @throws LifeguardError `RELATED_URL` for what is no absolute http or https URL; the message holds no login
 */
export function parseAddress(href: string): Address {
  const refuse = (why: string) => new LifeguardError("RELATED_URL", why);
  if (!URL.canParse(href)) throw refuse("this is not a URL that can be asked");
  const root = new URL(href);
  if (root.protocol !== "http:" && root.protocol !== "https:")
    throw refuse(`only http and https can be asked, not ${root.protocol.slice(0, -1)}`);
  const username = decoded(root.username);
  const password = decoded(root.password);
  root.username = "";
  root.password = "";
  root.search = "";
  root.hash = "";
  if (root.pathname.endsWith(`/${DOCUMENT}`)) root.pathname = root.pathname.slice(0, -DOCUMENT.length);
  else if (!root.pathname.endsWith("/")) root.pathname += "/";
  return {
    root,
    document: new URL(DOCUMENT, root),
    login: username === "" && password === "" ? undefined : { username, password },
  };
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
  return rootOf(href)?.href ?? withoutLogin(href);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
