/** When a related monitor is asked, milliseconds. */
export interface Timing {
  /** From one look to the next, while it answers. */
  readonly interval: number;
  /** For each question. A whole look may take three times as long. */
  readonly timeout: number;
}

/** Gives a task a signal that aborts when it takes too long. */
export type Within = <Value>(task: (signal: AbortSignal) => Promise<Value>) => Promise<Value>;

/** The first failure may be a hiccup: it is asked again after so long, and only then it is dead. */
const HICCUP = 1000;
/** While it is dead it is asked ever more rarely, but not more rarely than at every fourth interval. */
const RAREST = 4;

/** The timing of the page: the longest wait for an answer is ten seconds. */
export function timingOf(interval: number): Timing {
  return { interval, timeout: Math.min(interval, 10_000) };
}

/**
 * How long to wait for the next look, a tenth more or less, so that many do not fall together.
 * @param failures looks in vain in a row
 * @param random a number in [0, 1)
 */
export function nextLook(failures: number, { interval }: Timing, random: () => number = Math.random): number {
  const plain =
    failures === 0
      ? interval
      : failures === 1
        ? Math.min(interval, HICCUP)
        : interval * Math.min(RAREST, 2 ** (failures - 2));
  return plain * (0.9 + 0.2 * random());
}
