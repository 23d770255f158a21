/** An HTTP login: a scheme, then credentials (RFC 9110, 11.4). */
const LOGIN = /^(Basic|Bearer|Token|Key|ApiKey|GenieKey|Splunk) +(\S+)$/i;
/** Parts of an address as short as this are words, and hiding them would spoil every text. */
const SHORTEST_SEGMENT = 16;
const SHORTEST_VALUE = 6;

/**
 * Everything by which a secret may be told by somebody who was given it: a server that answers "Cannot POST /services/T0/B0/KEY" was told an
 * address, and one that answers "bad token KEY" a header. All of it is to be hidden.
 * @returns the secret itself first; of a login its credentials, of an address its path, long parts of it, values of its query and its password
 */
export function secretForms(secret: string): readonly string[] {
  const forms = [secret, ...loginParts(secret), ...addressParts(secret)];
  return [
    ...new Set(forms.flatMap((form) => [form, decoded(form), encodeURIComponent(form.toWellFormed())])),
  ].filter(Boolean);
}

function loginParts(text: string): readonly string[] {
  const [, scheme = "", credentials = ""] = LOGIN.exec(text) ?? [];
  if (scheme.toLowerCase() !== "basic") return [credentials];
  // RFC 7617: Base64 of "user:password".
  const pair = Buffer.from(credentials, "base64").toString();
  return [credentials, pair, pair.slice(pair.indexOf(":") + 1)];
}

function addressParts(text: string): readonly string[] {
  const url = URL.parse(text);
  if (url === null || !text.includes("://")) return [];
  const { protocol, pathname, search, searchParams, password } = url;
  // Keys lie in addresses that are called, not in those of databases.
  if (!/^https?:$/.test(protocol)) return [password];
  const whole = `${pathname}${search}`;
  return [
    password,
    ...(whole.length >= SHORTEST_SEGMENT ? [whole] : []),
    ...pathname.split("/").filter((segment) => segment.length >= SHORTEST_SEGMENT),
    ...[...searchParams.values()].filter((value) => value.length >= SHORTEST_VALUE),
  ];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
