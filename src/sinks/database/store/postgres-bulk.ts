import type { Pool } from "pg";
import { borrow } from "./borrow.ts";
import type { Bulk, BulkTransaction, TransactionOptions } from "./bulk.ts";
import type { Exclusive } from "./exclusive.ts";
import { PostgresTransaction } from "./postgres-transaction.ts";

/** Writes batches into PostgreSQL: COPY for what is new, one statement a table for what is written again. */
export class PostgresBulk implements Bulk {
  readonly #pool: Pool;
  readonly #exclusive: Exclusive;

  /** @param exclusive shared with whatever else writes through this pool */
  constructor(pool: Pool, exclusive: Exclusive) {
    this.#pool = pool;
    this.#exclusive = exclusive;
  }

  transaction<Result>(
    work: (transaction: BulkTransaction) => Promise<Result>,
    { expected, signal }: TransactionOptions,
  ): Promise<Result> {
    return this.#exclusive.run(async () => {
      signal?.throwIfAborted();
      let transaction: PostgresTransaction | undefined;
      return borrow(this.#pool, {
        signal,
        async work(client) {
          transaction = new PostgresTransaction(client, expected);
          const result = await work(transaction);
          await transaction.end();
          return result;
        },
        undo: async () => transaction?.undo(),
      });
    });
  }
}
