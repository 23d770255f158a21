/** How long a query may take. It is the server's limit too, where it is one: nobody waits for what goes on there after the end of a connection. */
export const QUERY_MS = 10_000;

/** How long anything else may take that has no limit of its own, as a batch has. */
const CHANGE_MS = 30_000;

/**
 * Gives work up that takes too long: a connection can go silent without an end, and whoever waits for an answer would wait for ever.
 * @param signal gives it up earlier
 */
export function timeLimit(signal?: AbortSignal, ms = CHANGE_MS): AbortSignal {
  const limit = AbortSignal.timeout(ms);
  return signal ? AbortSignal.any([signal, limit]) : limit;
}
