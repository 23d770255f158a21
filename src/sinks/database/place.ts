import { SSL_MODES } from "./store/postgres-url.ts";

/** Whether a URL holds a password: then it must not stand in plain text. */
export function holdsPassword(url: string): boolean {
  if (!isPostgres(url)) return false;
  if (!URL.canParse(url)) return true;
  const target = new URL(url);
  return target.password !== "" || target.searchParams.has("password") || isCutShort(target);
}

/** What is wrong with a `url`; undefined for a good one. It never repeats what may be a password. */
export function placeProblem(url: string): string | undefined {
  if (isPostgres(url)) return postgresProblem(url);
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(url)?.[1];
  if (scheme !== undefined && scheme !== "sqlite")
    return `no database is known by ${scheme}: write a path, sqlite:<path> or postgres://…`;
  const file = sqlitePath(url);
  if (file === "") return "the path is empty";
  return file?.includes("\0") ? "a path cannot hold a NUL character" : undefined;
}

/** The path of SQLite's file as it stands in a `url`; undefined for PostgreSQL. */
export function sqlitePath(url: string): string | undefined {
  if (isPostgres(url)) return undefined;
  return url.replace(/^sqlite:(?:\/\/(?=\/))?/, "");
}

function postgresProblem(url: string): string | undefined {
  if (!URL.canParse(url))
    return `not a URL of PostgreSQL: write postgres://user:password@host:5432/database, and ${ENCODED}`;
  const target = new URL(url);
  if (isCutShort(target)) return `an @ stands where no host can follow: ${ENCODED}`;
  if (![target.username, target.password].every(isDecodable)) return `a % stands for nothing: ${ENCODED}`;
  const mode = target.searchParams.get("sslmode");
  return mode === null || SSL_MODES.includes(mode)
    ? undefined
    : `no such sslmode: write one of ${SSL_MODES.join(", ")}`;
}

/** What is to be done about signs in a password that mean something in a URL. */
const ENCODED =
  "write / # ? @ : % in user or password as %2F %23 %3F %40 %3A %25, or give the password apart with password:";

/** Whether a sign in the password has ended what stands before the host, which is taken for something else then. */
function isCutShort({ pathname, hash, searchParams }: URL): boolean {
  return [pathname, hash, ...searchParams.keys()].some((part) => part.includes("@"));
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

function isPostgres(url: string): boolean {
  return /^postgres(?:ql)?:\/\//i.test(url);
}
