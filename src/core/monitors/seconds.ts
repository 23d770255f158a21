/** Milliseconds as people read them: `20 s`, `1.5 s`, `0.25 s`. */
export function seconds(ms: number): string {
  const digits = ms < 100 ? 3 : ms < 10_000 ? 2 : 1;
  return `${Number((ms / 1000).toFixed(digits))} s`;
}
