import type { Pool, PoolClient } from "pg";

/** What is done with a borrowed connection. */
export interface Loan<Result> {
  work(client: PoolClient): Promise<Result>;
  /** Takes back what the work did, when that has failed. @throws where the connection is of no use any more */
  undo(client: PoolClient): Promise<unknown>;
  /** Gives the work up. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Lends a connection of a pool to some work. One that broke, or whose work was given up, does not come back: only its end ends what waits on a
 * server that does not answer, and until then the pool has one connection less.
 * @throws what the work does; the signal's reason when that aborts
 */
export async function borrow<Result>(pool: Pool, { work, undo, signal }: Loan<Result>): Promise<Result> {
  const client = await pool.connect();
  if (signal?.aborted) {
    client.release();
    throw signal.reason;
  }
  let broken: unknown;
  const abort = () => {
    broken = signal?.reason;
    client.release(true);
  };
  signal?.addEventListener("abort", abort, { once: true });
  const onError = (error: Error) => {
    broken ??= error;
  };
  client.on("error", onError);
  try {
    return await work(client);
  } catch (error) {
    const failure = broken ?? error;
    if (broken === undefined)
      await undo(client).catch((cause) => {
        broken ??= cause;
      });
    throw failure;
  } finally {
    signal?.removeEventListener("abort", abort);
    client.off("error", onError);
    if (!signal?.aborted) client.release(broken !== undefined);
  }
}
