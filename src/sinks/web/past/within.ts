import { type Clock, RetryableError } from "../../../plugin/index.ts";

/**
 * Asks something that may take long, or never answer.
 * @param ms milliseconds it may take
 * @param signal ends it too
 * @throws RetryableError when it takes longer, the signal's reason, or what the question threw
 */
export async function within<Answer>(
  clock: Clock,
  ms: number,
  signal: AbortSignal,
  ask: (signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  signal.throwIfAborted();
  const end = new AbortController();
  const { promise, reject } = Promise.withResolvers<never>();
  end.signal.addEventListener("abort", () => reject(end.signal.reason), { once: true });
  const stop = () => end.abort(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  const late = () => end.abort(new RetryableError(`no answer within ${ms / 1000} s`));
  const cancel = clock.setTimeout(late, ms, signal);
  try {
    return await Promise.race([ask(end.signal), promise]);
  } finally {
    cancel();
    signal.removeEventListener("abort", stop);
  }
}
