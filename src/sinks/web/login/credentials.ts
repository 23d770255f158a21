/** A name and a password. */
export interface Credentials {
  readonly name: string;
  readonly password: string;
}

/** Reads an `Authorization` header of the scheme Basic (RFC 7617), in UTF-8; undefined for anything else. */
export function parseBasic(header: string): Credentials | undefined {
  const [, encoded] = /^basic +([A-Za-z0-9+/]+={0,2}) *$/i.exec(header) ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon < 0 ? undefined : { name: text.slice(0, colon), password: text.slice(colon + 1) };
}
