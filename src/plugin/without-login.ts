/**
 * A URL's text without user name and password, also where it is no valid URL: what may be shown, kept and handed on. Logins belong into
 * monitors.yaml, by reference.
 */
export function withoutLogin(href: string): string {
  return href.replace(/^(\s*[a-z][a-z0-9+.-]*:[/\\]*)[^/\\?#]*@/i, "$1");
}
