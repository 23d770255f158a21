/** How tries are paced, milliseconds. */
export interface Pace {
  readonly initial: number;
  readonly max: number;
}

/**
 * The wait before the next try: it doubles with every failure up to `max`, and between half and all of it is drawn by chance, so that many
 * lifeguards do not come back to a mail server in the same moment.
 * @param failures tries that failed in a row, from 1
 */
export function pause(failures: number, { initial, max }: Pace, random: () => number): number {
  const ceiling = Math.min(max, initial * 2 ** Math.min(failures - 1, 40));
  return Math.round(ceiling * (0.5 + random() / 2));
}
