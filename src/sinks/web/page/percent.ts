/**
 * A share as people write uptime: `100 %`, `99.98 %`, `97.3 %`, `0 %`. Rounded down, so that only what is whole reads as 100.
 * @param share 0 to 1
 */
export function percent(share: number): string {
  const value = share * 100;
  if (value >= 100 || value <= 0) return value > 0 ? "100 %" : "0 %";
  const digits = value >= 99 ? 2 : 1;
  return `${(Math.floor(value * 10 ** digits + 1e-9) / 10 ** digits).toFixed(digits)} %`;
}
