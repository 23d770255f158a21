import type { Writable } from "node:stream";
import { styleText } from "node:util";
import type { Status } from "../plugin/index.ts";

/** How text can look. */
export type Format = "bold" | "dim" | "red" | "green" | "yellow" | "magenta" | "cyan";

/** Makes text look like something where the stream is a terminal that shows colours; leaves it alone everywhere else. */
export type Paint = (format: Format | readonly Format[], text: string) => string;

/** Colours of verdicts. The word is always there too, so colour only helps. */
export const STATUS_FORMAT: Readonly<Record<Status, Format>> = {
  critical: "red",
  warning: "yellow",
  unknown: "magenta",
  ok: "green",
};

/** The paint for a stream. `NO_COLOR`, `FORCE_COLOR` and `TERM=dumb` are heeded. */
export function paintFor(stream: Writable): Paint {
  return (format, text) => styleText(typeof format === "string" ? format : [...format], text, { stream });
}

/** Whether a stream is a terminal that shows colours. */
export function colored(stream: Writable): boolean {
  return paintFor(stream)("bold", "") !== "";
}

/** Makes foreign text one line that cannot steer the terminal. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ").trim();
}

/** Cells of a row, aligned by the widest of each column; the last column is left as it is. @param widest no column is padded beyond it */
export function align(rows: readonly (readonly string[])[], widest = 60): readonly (readonly string[])[] {
  const widths: number[] = [];
  for (const row of rows)
    for (const [column, cell] of row.slice(0, -1).entries())
      widths[column] = Math.min(widest, Math.max(widths[column] ?? 0, cell.length));
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)));
}

const STEPS = [
  ["d", 86_400],
  ["h", 3600],
  ["m", 60],
  ["s", 1],
] as const;

/** A length of time for people, in its largest unit: `3 d`, `12 m`. @param ms milliseconds */
export function ago(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [unit, size] = STEPS.find(([, step]) => seconds >= step) ?? ["s", 1];
  return `${Math.floor(seconds / size)} ${unit}`;
}

/** `2026-03-01 14:00:00 UTC`, in the local time zone, which it names. @param time RFC 3339 */
export function shortTime(time: string): string {
  return new Date(time).toLocaleString("sv-SE", { dateStyle: "short", timeStyle: "long" });
}
