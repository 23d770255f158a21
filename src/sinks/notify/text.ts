/** Cuts a text to so many characters, and shows that it did. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  // Half of a character is none.
  return `${text.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
}

/** `2026-01-31 10:00:00 UTC` of an RFC 3339 time. */
export function timeText(time: string): string {
  return `${new Date(time).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** Nothing that a check printed can begin a line, a header or a terminal's command. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ").trim();
}
