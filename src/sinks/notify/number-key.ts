/** Digits of a number in a key: keys sort as their numbers do. */
const DIGITS = 15;

/** The key of a numbered value in the sink's state. @param prefix one letter and a slash */
export function numberKey(prefix: string, number: number): string {
  return prefix + String(number).padStart(DIGITS, "0");
}

/** The number in such a key. */
export function numberOf(key: string): number {
  return Number(key.slice(-DIGITS));
}
