/** A link that may be followed: absolute, http or https. Undefined for all else, so that no `javascript:` comes out of a description. */
export function externalHref(href: string): string | undefined {
  if (!URL.canParse(href)) return undefined;
  const { protocol } = new URL(href);
  return protocol === "http:" || protocol === "https:" ? href : undefined;
}
