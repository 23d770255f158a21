import { LifeguardError } from "../../../plugin/index.ts";

/** How a password is hashed. */
export type Scheme = "bcrypt" | "apr1" | "sha";

/** One hash of a password file. */
export interface PasswordHash {
  readonly scheme: Scheme;
  /** As it stands in the file. */
  readonly text: string;
  /** What checking it takes, to compare with others; no unit. */
  readonly cost: number;
}

/** The largest bcrypt cost that htpasswd makes; each step doubles the time. */
const MAX_BCRYPT_COST = 17;

const BCRYPT = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;
const APR1 = /^\$apr1\$[^$:]{1,8}\$[./A-Za-z0-9]{22}$/;
const SHA = /^\{SHA\}[A-Za-z0-9+/]{27}=$/;

/**
 * Reads a password file as Apache's htpasswd writes it: one `name:hash` a line, `#` for comments. The first line of a name counts.
 * @param file named in errors
 * @throws LifeguardError `HTPASSWD` with file and line for what is neither bcrypt, apr1 nor SHA-1: a password in clear above all
 */
export function parseHtpasswd(text: string, file: string): ReadonlyMap<string, PasswordHash> {
  const found = new Map<string, PasswordHash>();
  for (const [index, line] of text
    .replace(/^\u{FEFF}/u, "")
    .split(/\r?\n/)
    .entries()) {
    if (line.trim() === "" || line.trimStart().startsWith("#")) continue;
    const refuse = (why: string) => new LifeguardError("HTPASSWD", `${file}:${index + 1}: ${why}`);
    const colon = line.indexOf(":");
    if (colon < 1) throw refuse("expected name:hash, as htpasswd writes it");
    const hash = parseHash(
      line
        .slice(colon + 1)
        .trim()
        .split(":", 1)[0] as string,
    );
    // The text is not told: it may well be the password.
    if (typeof hash === "string") throw refuse(hash);
    const name = line.slice(0, colon);
    if (!found.has(name)) found.set(name, hash);
  }
  return found;
}

function parseHash(text: string): PasswordHash | string {
  const cost = BCRYPT.exec(text)?.[1];
  if (cost !== undefined)
    return Number(cost) >= 4 && Number(cost) <= MAX_BCRYPT_COST
      ? { scheme: "bcrypt", text, cost: 2 ** Number(cost) }
      : `a bcrypt cost is between 4 and ${MAX_BCRYPT_COST}`;
  if (APR1.test(text)) return { scheme: "apr1", text, cost: 2 };
  if (SHA.test(text)) return { scheme: "sha", text, cost: 1 };
  return "neither bcrypt, apr1 nor {SHA}: write the line with htpasswd -B";
}
