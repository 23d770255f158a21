/** What stands in front of a login: a scheme with any slashes, or slashes alone. Addresses of people are none. */
const START = String.raw`^(?!(?:mailto|sips?|xmpp):)((?:[a-z][a-z0-9+.-]*:[/\\]*|[/\\]{2,}))`;
const LOGIN = new RegExp(String.raw`${START}[^/\\?#]*@`, "i");
/** In a password that was written as it is, these signs end what a URL calls its authority, and the rest is seldom a URL. */
const BROKEN_LOGIN = new RegExp(`${START}.*@`, "i");

/**
 * A URL's text without user name and password, also where it is no valid URL: what may be shown, kept and handed on. Logins belong into
 * monitors.yaml, by reference.
 */
export function withoutLogin(href: string): string {
  // URL parsers leave these out, wherever they stand, and so must who looks for a scheme.
  const read = href.replace(/[\t\n\r]/g, "").replace(/^[\0- ]+/, "");
  const bare = read.replace(URL.canParse(read, "https://base") ? LOGIN : BROKEN_LOGIN, "$1");
  return bare === read ? href : bare;
}
