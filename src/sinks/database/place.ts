import { SSL_MODES } from "./store/postgres-url.ts";

/** Whether a URL holds a password: then it must not stand in plain text. */
export function holdsPassword(url: string): boolean {
  if (!isPostgres(url)) return false;
  try {
    const { password, searchParams } = new URL(url);
    return password !== "" || searchParams.has("password");
  } catch {
    return true;
  }
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
  if (!URL.canParse(url)) return "not a URL of PostgreSQL: write postgres://user:password@host:5432/database";
  const mode = new URL(url).searchParams.get("sslmode");
  return mode === null || SSL_MODES.includes(mode)
    ? undefined
    : `no such sslmode: write one of ${SSL_MODES.join(", ")}`;
}

function isPostgres(url: string): boolean {
  return /^postgres(?:ql)?:\/\//i.test(url);
}
