import type { Json } from "../../../plugin/index.ts";

/** Text as every database can hold it: PostgreSQL's has no NUL, and UTF-8 no half of a surrogate pair. A NUL becomes `\u0000`. */
export function storable(text: string): string {
  const whole = text.isWellFormed() ? text : text.toWellFormed();
  return whole.includes("\0") ? whole.replaceAll("\0", "\\u0000") : whole;
}

/** JSON as text, in which every NUL and half surrogate is an escape already; null for what is empty. */
export function jsonOrNull(value: Json | object): string | null {
  if (value === null) return null;
  const text = JSON.stringify(value);
  return text === "{}" ? null : text;
}
