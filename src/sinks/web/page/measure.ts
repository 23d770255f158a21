import type { Measure } from "../../../plugin/index.ts";

const BYTES = ["B", "kB", "MB", "GB", "TB", "PB"] as const;

/** A measured value with its unit, as people write it: `1.5 GB`, `12 ms`, `93 %`. */
export function measured({ value, unit }: Pick<Measure, "value" | "unit">): string {
  if (unit === "B") {
    const step = Math.min(BYTES.length - 1, Math.max(0, Math.floor(Math.log10(Math.abs(value) || 1) / 3)));
    return `${short(value / 1000 ** step)} ${BYTES[step]}`;
  }
  if (unit === "s" && value !== 0 && Math.abs(value) < 1) return `${short(value * 1000)} ms`;
  return unit === "1" || unit === "" ? short(value) : `${short(value)} ${unit}`;
}

/** At most three decimals, and no more digits than mean something. */
function short(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  return String(Number(Math.abs(value) >= 100 ? value.toFixed(1) : value.toPrecision(3)));
}
