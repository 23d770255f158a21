import { duration, path, secret, z } from "../../plugin/index.ts";
import { holdsPassword, placeProblem, sqlitePath } from "./place.ts";

const kept = (what: string, standard: string) =>
  duration({ min: "1d", max: "36500d" }).prefault(standard).describe(what);

/** The options of the database sink. */
export const databaseConfig = z
  .object({
    url: secret({ harmless: (text) => !holdsPassword(text) })
      .transform((text, ctx) => {
        const problem = placeProblem(text);
        if (problem !== undefined) {
          ctx.addIssue(problem);
          return z.NEVER;
        }
        const file = sqlitePath(text);
        return file === undefined ? { url: text } : { path: path().parse(file) };
      })
      .optional()
      .describe(
        "Where the history is kept: a file of SQLite (a path, or sqlite:<path>), or postgres://user@host:5432/database, by reference where it holds a password; sslmode, sslrootcert, sslcert and sslkey mean what PostgreSQL's manual says, except that prefer insists on TLS. Without it, history.db in the data directory.",
      )
      .meta({ examples: ["./history.db", "${env:DATABASE_URL}"] }),
    password: secret()
      .optional()
      .describe(
        "The password for PostgreSQL, where the URL holds none. Without either, PGPASSWORD or PGPASSFILE may.",
      )
      .meta({ examples: ["${file:/run/secrets/database}"] }),
    schema: z
      .string()
      .min(1, "the name is empty")
      .refine((name) => Buffer.byteLength(name) <= 63, "longer than the 63 bytes that PostgreSQL keeps")
      .refine((name) => !name.includes("\0"), "a name cannot hold a NUL character")
      .optional()
      .describe(
        "The schema of PostgreSQL that holds the tables, made where it is missing. Without it, the first of the user's search path.",
      ),
    pool: z
      .int({ error: "expected a whole number" })
      .min(2, "at least 2: one to write, one to read")
      .max(100, "at most 100")
      .default(4)
      .describe("Most connections to PostgreSQL. One of them writes, and the others answer."),
    retention: z
      .object({
        events: kept("Events.", "30d"),
        measures: kept("Measured values.", "30d"),
        episodes: kept("Stretches of not-ok that are over.", "400d"),
        days: kept("Uptime, counts and latency of each day.", "400d"),
      })
      .prefault({})
      .describe("How long each kind of row is kept; older ones are deleted a few at a time."),
  })
  .superRefine((config, ctx) => {
    for (const key of ["password", "schema"] as const)
      if (config[key] !== undefined && config.url?.url === undefined)
        ctx.addIssue({
          code: "custom",
          path: [key],
          message: `"${key}" is for PostgreSQL only: give its url, too`,
        });
  });
