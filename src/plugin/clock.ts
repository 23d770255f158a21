/** Time, injectable, so that tests need not wait. */
export interface Clock {
  /** Milliseconds since the epoch; may jump when somebody sets the clock. */
  now(): number;
  /** Milliseconds that only go forward; for durations and intervals. */
  monotonic(): number;
  /** Calls once after `ms` milliseconds. An aborted signal cancels it. Returns a function that cancels it too. */
  setTimeout(callback: () => void, ms: number, signal?: AbortSignal): () => void;
  /** Resolves after `ms` milliseconds; rejects with the signal's reason when that aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
