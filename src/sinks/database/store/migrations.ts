import { type Kysely, type Migration, sql } from "kysely";
import type { Dialect } from "./dialect.ts";
import { schemaFive } from "./schema-five.ts";
import { schemaFour } from "./schema-four.ts";
import { schemaOne } from "./schema-one.ts";
import { schemaThree } from "./schema-three.ts";
import { schemaTwo } from "./schema-two.ts";

/**
 * Every step from an empty database to the present schema, in order of their names. What was released is never changed: a new step is
 * added instead.
 */
export function migrations(dialect: Dialect): Record<string, Migration> {
  return {
    "0001": {
      async up(db: Kysely<unknown>) {
        await schemaOne(db, dialect);
        await sql`insert into writer (id, generation, next, rolled, pruned) values (1, 0, 1, 0, 0)`.execute(
          db,
        );
      },
    },
    "0002": { up: (db: Kysely<unknown>) => schemaTwo(db, dialect) },
    "0003": { up: (db: Kysely<unknown>) => schemaThree(db, dialect) },
    "0004": { up: schemaFour },
    "0005": { up: (db: Kysely<unknown>) => schemaFive(db, dialect) },
  };
}
