import type { Kysely } from "kysely";
import type { Bulk } from "./bulk.ts";
import type { Dialect } from "./dialect.ts";
import type { Tables } from "./tables.ts";

/** A database of PostgreSQL. */
export interface PostgresPlace {
  readonly kind: "postgres";
  readonly url: string;
  /** Most connections. */
  readonly pool: number;
  /** Absent: that of the URL, or of PostgreSQL's own variables and files. */
  readonly password?: string | undefined;
  /** The schema that holds the tables. Absent: the first of the connection's search path. */
  readonly schema?: string | undefined;
}

/** Where the database is. */
export type Place = { readonly kind: "sqlite"; readonly path: string } | PostgresPlace;

/** An open database at the present schema. */
export interface Connected {
  readonly dialect: Dialect;
  readonly bulk: Bulk;
  /**
   * Runs queries, which wait for no writer.
   * @throws the signal's reason when that aborts
   */
  read<Result>(work: (db: Kysely<Tables>) => Promise<Result>, signal?: AbortSignal): Promise<Result>;
  /** Runs a small change that is no batch, in a transaction of its own. */
  change<Result>(work: (db: Kysely<Tables>) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}
