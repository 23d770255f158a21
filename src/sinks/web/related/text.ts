/** Longest text of one field that is kept of what another monitor says. */
const LONGEST = 500;

/** A field that has to be a text, on one line and of bounded length; undefined for anything else, and for nothing but blanks. */
export function textOf(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  const text = value
    .slice(0, LONGEST * 4)
    .replace(/\s+/g, " ")
    .trim();
  if (text === "") return undefined;
  return text.length > LONGEST ? `${text.slice(0, LONGEST).toWellFormed()}…` : text;
}
