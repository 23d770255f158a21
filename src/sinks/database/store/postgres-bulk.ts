import type { Pool } from "pg";
import type { Bulk, BulkTransaction, TransactionOptions } from "./bulk.ts";
import { PostgresTransaction } from "./postgres-transaction.ts";

/** Writes batches into PostgreSQL: COPY for what is new, one statement a table for what is written again. */
export class PostgresBulk implements Bulk {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  async transaction<Result>(
    work: (transaction: BulkTransaction) => Promise<Result>,
    { expected, signal }: TransactionOptions,
  ): Promise<Result> {
    const client = await this.#pool.connect();
    let broken: Error | undefined;
    // A server that does not answer is left: only the end of the connection ends what waits on it.
    const abort = () => {
      broken = signal?.reason;
      client.release(true);
    };
    if (signal?.aborted) {
      client.release();
      throw signal.reason;
    }
    signal?.addEventListener("abort", abort, { once: true });
    const onError = (error: Error) => {
      broken ??= error;
    };
    client.on("error", onError);
    const transaction = new PostgresTransaction(client, expected);
    try {
      const result = await work(transaction);
      await transaction.end();
      return result;
    } catch (error) {
      const failure = broken ?? error;
      broken ??= await transaction.undo();
      throw failure;
    } finally {
      signal?.removeEventListener("abort", abort);
      client.off("error", onError);
      if (!signal?.aborted) client.release(broken !== undefined);
    }
  }
}
