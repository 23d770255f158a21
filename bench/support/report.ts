/** What a measurement found. */
export interface Finding {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What the value is to be read beside, in the same unit where the name does not say otherwise. */
  readonly baseline?: number;
  /** At least, or at most, so much; absent: only told. */
  readonly atLeast?: number;
  readonly atMost?: number;
}

/** Prints one line as `scripts/bench.ts` reads it, and three digits of each number. */
export function report({ name, value, unit, baseline, atLeast, atMost }: Finding): void {
  const goal = atLeast ?? atMost ?? null;
  const holds =
    value >= (atLeast ?? Number.NEGATIVE_INFINITY) && value <= (atMost ?? Number.POSITIVE_INFINITY);
  console.log(
    JSON.stringify({
      name,
      value: rounded(value),
      unit,
      baseline: baseline === undefined ? null : rounded(baseline),
      goal,
      pass: goal === null ? null : holds,
    }),
  );
}

/** The middle one of some numbers. */
export function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] as number;
}

function rounded(number: number): number {
  return Number(number.toPrecision(3));
}
