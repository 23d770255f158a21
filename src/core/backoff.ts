/** The bounds of an exponential back-off, milliseconds. */
export interface Backoff {
  /** The ceiling of the first delay. */
  readonly initial: number;
  /** The ceiling of every delay. */
  readonly max: number;
}

/**
 * The delay before a retry: the ceiling doubles with every failure up to `max`, and full jitter draws below it, so that many who failed
 * together do not come back together.
 * @param failures how many tries failed before this delay, counted from 0
 * @param random a number in [0, 1)
 * @returns whole milliseconds
 */
export function backoffDelay(
  failures: number,
  { initial, max }: Backoff,
  random: () => number = Math.random,
): number {
  // 2 ** 1024 is Infinity, which min() would still handle; an initial of 0 times it is NaN, which it would not.
  const ceiling = Math.min(max, initial * 2 ** Math.min(Math.max(0, failures), 60));
  return Math.floor(random() * ceiling);
}
