import type { PostgresPlace } from "./connected.ts";

/** The values of `sslmode` that mean here what PostgreSQL's manual says, except that `prefer` insists on TLS. */
export const SSL_MODES: readonly string[] = ["disable", "prefer", "require", "verify-ca", "verify-full"];

/** The URL for the driver: with the password, and with PostgreSQL's own meaning of `sslmode`, which is not the driver's. */
export function connectionUrl({ url, password }: Pick<PostgresPlace, "url" | "password">): string {
  const target = new URL(url);
  const { searchParams } = target;
  // As a parameter: a URL without a host, as that of a socket, has no place for it.
  if (password !== undefined) searchParams.set("password", password);
  if (searchParams.has("sslmode")) searchParams.set("uselibpqcompat", "true");
  return target.href;
}
